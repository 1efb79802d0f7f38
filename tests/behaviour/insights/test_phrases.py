"""What customers say in their own words, on both databases: counted like everything else, and found when it bursts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from tests.behaviour.insights.conftest import Voices
from tests.conftest import START
from voc.core.errors import Busy
from voc.core.vocabulary import RoleName, Stance
from voc.db import Database
from voc.insights.emerging import keeping
from voc.insights.emerging.keeping import KEPT, begin, keep_phrases, store_counts, survey_counts
from voc.insights.emerging.page import look_at, standouts
from voc.insights.marks import remove, touch
from voc.insights.rollups import roll_up
from voc.model import Emerging, Feedback, FeedbackPhrase, House, PhraseState, RollupPhrase
from voc.pipeline import correct
from voc.security.access import Actor

LIMA = ZoneInfo("America/Lima")
TODAY = date(2026, 3, 4)
AGENT = Actor(None, RoleName.AGENT, frozenset(), "Camila")
CALM = (
    "La tienda queda lejos pero el personal es amable.",
    "El personal me ayudó con la talla.",
    "Compré zapatos y la talla no era la correcta.",
    "Los zapatos llegaron a la tienda sin problema.",
)
BURST = "Me hicieron un cobro doble en la tarjeta, pésimo."


def counted(voices: Voices) -> None:
    """Everything that is due, and the phrases."""
    spelled_out(voices)
    keep_phrases(voices.runtime, voices.runtime.clock())


def spelled_out(voices: Voices) -> None:
    """Everything that is due, without counting the phrases."""
    voices.work()
    for _ in range(2):
        roll_up(voices.runtime, voices.runtime.clock())
        begin(voices.runtime, voices.runtime.clock())


def speak(voices: Voices, *, burst: int = 6, until: datetime = START) -> None:
    """Six weeks of calm, every other day, and people who say something new in the last days."""
    for number in range(0, 42, 2):
        at = until - timedelta(days=41 - number, hours=1)
        for text in CALM[: 2 + number % 3]:
            voices.say(at, text, nps=8)
    for number in range(burst):
        voices.say(until - timedelta(days=number % 3, hours=2), BURST, nps=number % 2)


def phrases(voices: Voices) -> dict[tuple[date, str], int]:
    with voices.runtime.db.reading() as session:
        rows = session.execute(select(RollupPhrase.day, RollupPhrase.phrase, RollupPhrase.n, RollupPhrase.channel_id))
        found: Counter[tuple[date, str]] = Counter()
        for day, phrase, n, _ in rows:
            found[day, phrase] += n
        return dict(found)


def found(voices: Voices, **asked: Any) -> Any:
    with voices.runtime.db.reading() as session:
        return look_at(session, viewer=AGENT, today=TODAY, **asked)


def test_a_burst_is_found_with_numbers_doors_and_examples(voices: Voices) -> None:
    speak(voices)
    counted(voices)
    look = found(voices)
    item = next(it for it in look.found if "cobro doble" in it.finding.phrases)
    assert (look.day, look.counted_at is not None) == (TODAY, True)
    assert (item.finding.language, item.finding.n, item.finding.people, item.finding.unhappy) == ("es", 6, 6, 6)
    assert item.finding.expected < 1 < item.finding.n
    assert item.doors == (("Door 0", 6),)
    assert len(item.series) == 28
    assert sum(n for _, n in item.series) == 6
    assert {it.text for it in item.examples} == {BURST}
    assert voices.recount().difference == 0
    assert phrases(voices)[TODAY, "cobro doble"] == 2
    with voices.runtime.db.reading() as session:
        said = standouts(session, TODAY - timedelta(days=27), TODAY)
        assert any("cobro doble" in it.finding.phrases for it in said)
        assert standouts(session, TODAY, TODAY, UUID(int=7)) == ()


def test_a_past_day_can_be_looked_at_and_an_unknown_one_is_empty(voices: Voices) -> None:
    speak(voices, until=START - timedelta(days=10))
    counted(voices)
    assert found(voices).found == ()
    past = found(voices, day=TODAY - timedelta(days=10))
    assert any("cobro doble" in it.finding.phrases for it in past.found)
    assert dict(past.days)[TODAY - timedelta(days=10)] >= 1
    nothing = found(voices, day=date(2020, 1, 1))
    assert (nothing.found, nothing.counted_at, nothing.day) == ((), None, date(2020, 1, 1))


def test_an_empty_house_has_nothing_to_say(voices: Voices) -> None:
    assert found(voices).days == ()
    counted(voices)
    look = found(voices)
    assert (look.tested, look.found) == (0, ())
    assert voices.recount().difference == 0


def test_only_what_enough_people_say_is_kept(voices: Voices) -> None:
    at = START - timedelta(hours=3)
    for _ in range(4):
        voices.say(at, "El cajero automático está roto.")
    for _ in range(3):
        voices.say(at, "La alfombra está mojada.")
    counted(voices)
    kept = {phrase for _, phrase in phrases(voices)}
    assert "cajero automatico" in kept
    assert not {phrase for phrase in kept if "alfombra" in phrase}
    voices.say(at, "La alfombra sigue igual.")
    counted(voices)
    assert phrases(voices)[TODAY, "alfombra"] == 4
    assert voices.recount().difference == 0


def test_settling_writes_no_phrases_and_counting_nothing_new_writes_nothing(voices: Voices) -> None:
    speak(voices, burst=1)
    voices.work()
    with voices.runtime.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackPhrase)) == 0
    counted(voices)
    counted(voices)
    written: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "BEGIN", "SET")):
            written.append(statement)

    event.listen(voices.runtime.db.engine, "before_cursor_execute", note)
    try:
        assert keep_phrases(voices.runtime, voices.runtime.clock()) is False
    finally:
        event.remove(voices.runtime.db.engine, "before_cursor_execute", note)
    assert written == []


def test_corrections_erased_words_and_removals_are_followed(voices: Voices) -> None:
    at, clock = START - timedelta(hours=3), voices.runtime.clock
    ids = [voices.say(at, BURST, nps=0) for _ in range(6)]
    counted(voices)
    with voices.runtime.db.reading() as session:
        unhappy = select(func.sum(RollupPhrase.unhappy)).where(RollupPhrase.phrase == "cobro doble")
        assert session.scalar(unhappy) == 6
    with voices.runtime.db.writing() as session:
        correct.correct_stance(session, ids[0], actor=voices.actor(), stance=Stance.PASSIVE, now=clock())
        session.execute(update(Feedback).where(Feedback.id == ids[1]).values(text=None))
        touch(session, ids[1:2], now=clock())
    counted(voices)
    with voices.runtime.db.reading() as session:
        assert session.scalar(unhappy) == 4
        assert session.get(FeedbackPhrase, ids[1]) is None
    assert phrases(voices)[TODAY, "cobro doble"] == 5
    with voices.runtime.db.writing() as session:
        remove(session, ids[2:3], now=clock())
        assert session.get(FeedbackPhrase, ids[2]) is None
    counted(voices)
    assert voices.recount().difference == 0


def test_a_difference_is_found_named_and_put_right(voices: Voices) -> None:
    speak(voices)
    counted(voices)
    with voices.runtime.db.writing() as session:
        session.execute(update(RollupPhrase).where(RollupPhrase.phrase == "cobro doble").values(n=70))
        session.execute(delete(RollupPhrase).where(RollupPhrase.phrase == "cobro"))
        session.execute(update(FeedbackPhrase).where(FeedbackPhrase.phrases.contains("cobro")).values(phrases="x"))
    recount = voices.recount()
    assert recount.rows["feedback_phrase"] == 6
    assert recount.rows["rollup_phrase"] > 0
    voices.recount(fix=True)
    assert voices.recount().difference == 0
    assert phrases(voices)[TODAY, "cobro doble"] == 2


class Dying:
    """A database whose `writing` dies when it is asked for the `fatal`-th time."""

    def __init__(self, db: Database, fatal: int) -> None:
        self.db, self.fatal = db, fatal

    @contextmanager
    def writing(self, **options: Any) -> Iterator[Session]:
        self.fatal -= 1
        if self.fatal == 0:
            raise Busy
        with self.db.writing(**options) as session:
            yield session


def test_killed_between_two_writings_it_is_done_again(voices: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "CHUNK", 3)
    speak(voices)
    spelled_out(voices)
    survey = survey_counts(voices.runtime.db, START)
    assert survey is not None
    assert len(survey.differing) > 6
    with pytest.raises(Busy):
        store_counts(Dying(voices.runtime.db, 3), survey, now=START)  # type: ignore[arg-type]
    assert 0 < len(phrases(voices)) <= 6
    assert found(voices).days == ()
    assert store_counts(voices.runtime.db, survey, now=START) is False, "somebody counted since"
    assert keep_phrases(voices.runtime, voices.runtime.clock()) is True
    assert phrases(voices)[TODAY, "cobro doble"] == 2
    assert voices.recount().difference == 0


def test_days_pass_and_only_the_last_weeks_are_kept(voices: Voices) -> None:
    speak(voices)
    counted(voices)
    later = START + timedelta(days=KEPT - 20)
    voices.runtime.clock.at = later  # type: ignore[attr-defined]
    assert keep_phrases(voices.runtime, later) is True
    with voices.runtime.db.reading() as session:
        since = session.scalars(select(PhraseState.since)).one()
        assert since == TODAY - timedelta(days=19)
        assert session.scalar(select(func.min(FeedbackPhrase.day))) == since
        assert session.scalar(select(func.min(RollupPhrase.day))) == since
        assert session.get(Emerging, TODAY) is not None, "what was found stays on record"
    assert voices.recount().difference == 0


def test_another_zone_and_another_making_are_counted_anew(voices: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        voices.say(datetime(2026, 3, 3, 23, 30, tzinfo=LIMA), BURST, nps=0)
    counted(voices)
    assert phrases(voices)[date(2026, 3, 3), "cobro doble"] == 4
    with voices.runtime.db.writing() as session:
        session.execute(update(House).values(zone="Europe/Madrid"))
    counted(voices)
    assert phrases(voices)[date(2026, 3, 4), "cobro doble"] == 4
    for module in ("keeping", "rows"):
        monkeypatch.setattr(f"voc.insights.emerging.{module}.MADE", 99)
    monkeypatch.setattr("voc.insights.emerging.rows.keyphrases", lambda _text, _language, **_: ["otra cosa"])
    counted(voices)
    assert {phrase for _, phrase in phrases(voices)} == {"", "otra cosa"}
    assert voices.recount().difference == 0


@dataclass
class Slow:
    """A house in which counting takes its time: each look at the clock is two seconds later."""

    db: Database
    at: datetime

    def clock(self) -> datetime:
        self.at += timedelta(seconds=2)
        return self.at


def test_after_a_long_run_it_rests(voices: Voices) -> None:
    slow = Slow(voices.runtime.db, voices.runtime.clock())
    speak(voices, burst=0)
    spelled_out(voices)
    assert keep_phrases(slow, slow.at) is True
    voices.say(START, BURST)
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    assert keep_phrases(slow, slow.at + timedelta(seconds=20)) is False
    assert keep_phrases(slow, slow.at + timedelta(seconds=60)) is True


@pytest.mark.parametrize("seed", [1, 2])
def test_after_anything_in_any_order_a_recount_finds_no_difference(voices: Voices, seed: int) -> None:
    chance, clock, known = random.Random(seed), voices.runtime.clock, list[UUID]()
    voices.channel()
    for _ in range(50):
        step = chance.choice(("say", "say", "say", "work", "roll", "keep", "edit", "erase", "kill"))
        if step == "say":
            at = START - timedelta(minutes=chance.randrange(120 * 24 * 60))
            known.append(voices.say(at, chance.choice((*CALM, BURST)), channel=chance.randrange(2)))
        elif step == "work":
            voices.work()
        elif step == "roll":
            roll_up(voices.runtime, clock())
        elif step == "keep":
            keep_phrases(voices.runtime, clock())
        elif step == "kill":
            survey = survey_counts(voices.runtime.db, clock())
            if survey is not None:
                dying: Any = Dying(voices.runtime.db, 1)
                with pytest.raises(Busy):
                    store_counts(dying, survey, now=clock())
        elif known:
            text = None if step == "erase" else chance.choice(CALM)
            with voices.runtime.db.writing() as session:
                key = chance.choice(known)
                session.execute(update(Feedback).where(Feedback.id == key).values(text=text))
                touch(session, [key], now=clock())
    counted(voices)
    proof = voices.recount()
    assert (proof.difference, proof.waiting) == (0, 0)
