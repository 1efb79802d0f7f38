"""The order in which the demo is told: everything once, and nothing before what it depends on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from voc.runtime.demo.asking import Asking, askings
from voc.runtime.demo.data import Demo, Recovery
from voc.runtime.demo.moments import ZONE
from voc.runtime.demo.plan import MOST_SAID, Round, groups_of, rounds, sayings, steps
from voc.runtime.demo.reading import read_demo
from voc.runtime.demo.wording import recovery_note
from voc.surveys.policy import RECENTLY, UNSUBSCRIBED

DEMO = read_demo()
PAUSE = timedelta(days=30)
WEDNESDAY = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)
STARTS = (WEDNESDAY, datetime(2026, 6, 28, 4, 30, tzinfo=UTC), datetime(2027, 1, 1, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="module", params=STARTS, ids=["wednesday", "sunday", "new year"])
def start(request: pytest.FixtureRequest) -> datetime:
    found: datetime = request.param
    return found


@pytest.fixture(scope="module")
def told(start: datetime) -> list[Round]:
    return rounds(DEMO, start, 7)


@pytest.fixture(scope="module")
def asked(start: datetime) -> list[Asking]:
    return askings(DEMO, start, pause=PAUSE)


def test_everything_is_told_once(start: datetime, told: list[Round]) -> None:
    said = [saying for portion in told for saying in portion.said]
    done = [step for portion in told for step in portion.steps]
    assert sorted(said, key=repr) == sorted(sayings(DEMO, start), key=repr)
    assert done == steps(DEMO, start)
    assert [saying.at for saying in said] == sorted(saying.at for saying in said)
    assert told[0].first == 7
    assert all(before.end == after.first for before, after in pairwise(told))
    assert told[-1].end == 7 + len(said) + len(done)
    assert all(saying.at < start for saying in said)
    assert told[-1].until == start


def test_few_portions(told: list[Round]) -> None:
    assert len(told) < 40, "each one costs a turn of the pipeline"
    assert all(len(portion.said) <= MOST_SAID for portion in told)
    assert all(portion.said or portion.steps for portion in told)


def test_nothing_comes_before_what_it_depends_on(told: list[Round]) -> None:
    groups = groups_of(DEMO.voices)
    heard: set[str] = set()
    ended: datetime | None = None
    for portion in told:
        assert all(ended is None or saying.at >= ended for saying in portion.said)
        for saying in portion.said:
            key = saying.voice.key
            if saying.kind == "delete":
                assert key in heard, "what is taken back was understood before"
            meets = [s for s in portion.steps if s.at < saying.at and groups[s.key] == groups[key]]
            assert not meets, "it would join a case that was answered by then"
        heard |= {saying.voice.key for saying in portion.said}
        assert {step.key for step in portion.steps} <= heard
        assert all(step.at <= portion.until for step in portion.steps)
        ended = portion.until


def test_who_may_meet_is_together() -> None:
    groups = groups_of(DEMO.voices)
    same = [("e001", "e012"), ("m026", "m027"), ("f065", "r004"), ("f055", "r005")]
    assert all(groups[one] == groups[other] for one, other in same)
    known = {voice.customer: groups[voice.key] for voice in DEMO.voices if voice.door == "email" and voice.customer}
    surveys = [voice for voice in DEMO.voices if voice.door == "survey" and voice.customer in known]
    assert all(groups[voice.key] == known[voice.customer] for voice in surveys)
    assert len(set(groups.values())) > 200


def test_empty_demo_has_nothing_to_tell() -> None:
    nothing = read_demo(limit=0)
    assert rounds(nothing, WEDNESDAY) == []
    assert askings(nothing, WEDNESDAY, pause=PAUSE) == []


def test_every_answer_was_asked_for(start: datetime, asked: list[Asking]) -> None:
    answered = {asking.voice.key: asking for asking in asked if asking.voice is not None}
    assert set(answered) == {voice.key for voice in DEMO.voices if voice.door == "survey"}
    for asking in answered.values():
        assert asking.voice is not None
        assert asking.fate == "answered"
        assert timedelta(minutes=10) < asking.voice.received_at(start) - asking.at < timedelta(hours=25)
    assert asked == sorted(asked, key=lambda asking: (asking.at, asking.name))
    assert asked == askings(DEMO, start, pause=PAUSE)
    assert all(asking.at < start for asking in asked)
    assert {10 <= asking.at.astimezone(ZONE).hour < 17 for asking in asked} == {True}
    assert len({asking.batch_id for asking in asked}) == len(asked)


def test_others_were_asked_in_vain(asked: list[Asking]) -> None:
    fates = Counter(asking.fate for asking in asked)
    assert fates["silent"] > fates["answered"] * 0.8
    assert all(fates[fate] > 0 for fate in ("left", "refused", "failed"))
    for asking in asked:
        assert bool(asking.reason) is (asking.fate in ("refused", "failed"))
        mine = [it for it in asked if it.customer is asking.customer and it is not asking]
        before = [it.at for it in mine if it.at <= asking.at and it.fate != "refused"]
        if asking.fate in ("silent", "left", "failed"):
            assert not any(abs(it.at - asking.at) < PAUSE for it in mine if it.fate != "refused")
        if asking.reason.startswith(RECENTLY):
            assert asking.reason.endswith(max(before).date().isoformat())
            assert asking.at - max(before) < PAUSE
        if asking.reason == UNSUBSCRIBED:
            assert [it.fate for it in mine if it.at < asking.at and it.fate != "refused"][-1] == "left"
        if asking.fate == "left":
            assert not [it for it in mine if it.at > asking.at and it.fate != "refused"]


def test_only_who_has_an_address_is_asked(asked: list[Asking]) -> None:
    assert all("email" in asking.customer.identities for asking in asked)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "note"),
    [
        (749.0, "PEN", "es", "Recuperación: Reembolso, 749\u00a0PEN. Hecho."),
        (1_150_000.0, "COP", "pt", "Recuperação: Reembolso, 1\u202f150\u202f000\u00a0COP. Hecho."),
        (14_000.0, "points", "en", "Recuperación: Reembolso, 14\u202f000\u00a0puntos. Hecho."),
        (0.0, "PEN", "es", "Recuperación: Reembolso. Hecho."),
        (None, None, "es", "Recuperación: Reembolso. Hecho."),
    ],
)
def test_what_was_done_is_written_down(amount: float | None, currency: str | None, language: str, note: str) -> None:
    recovery = Recovery("a", "refund", "b", 1.0, "Hecho.", amount, currency)
    assert recovery_note(recovery, language) == note


def test_every_recovery_has_its_words() -> None:
    demo: Demo = DEMO
    for recovery in demo.recoveries:
        assert recovery_note(recovery, "pt").startswith("Recuperação: ")
