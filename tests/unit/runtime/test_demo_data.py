"""The demo's files fit together, and tell the story they were written to tell."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.core.calendar import Calendar, is_open
from voc.core.vocabulary import LANGUAGES, SCALES, IdentityKind, Metric, RoleName, Stance
from voc.runtime.demo.data import DOORS, Voice
from voc.runtime.demo.doors import columns
from voc.runtime.demo.moments import ZONE, moment
from voc.runtime.demo.plan import steps
from voc.runtime.demo.reading import FOLDER, read_demo

DEMO = read_demo()
VOICES = {voice.key: voice for voice in DEMO.voices}
START = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
NOON = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)
PEOPLE = {person["email"]: person for person in DEMO.users}
# The week that went wrong.
WORST, OVER = 24 * 24.0, 18 * 24.0

# Small words that stand in nearly every sentence of one language and in none of the others.
TELLING = {
    "es": "el y los las una del en con que no lo se es son muy pero hay me",
    "pt": "o e um uma não do da dos em com que mas no na é são muito já ao foi para veio",
    "en": "the and is to of in it was not you i we that for with",
}


def bad(voice: Voice) -> bool:
    """Whether a person would call it a detractor's."""
    return voice.by_a_person() is Stance.DETRACTOR


def test_voices_are_possible_submissions() -> None:
    metrics = {item["slug"]: item["metric"] for item in (*DEMO.forms, *DEMO.surveys, *DEMO.kiosks)}
    for voice in DEMO.voices:
        assert voice.language in LANGUAGES
        assert voice.metric == metrics.get(voice.channel)
        if voice.score is not None:
            low, high = SCALES[Metric(voice.metric)]
            assert low <= voice.score <= high
        values = voice.values()
        assert "score" in values or "text" in values
        assert ("score" in values) == ("score.metric" in values) == (voice.score is not None)
    received = [voice.received_at(START) for voice in DEMO.voices]
    assert received == sorted(received)
    assert received[-1] < START
    assert received[0] < START - timedelta(days=115)


def test_every_door_and_language_is_used() -> None:
    doors = Counter(voice.door for voice in DEMO.voices)
    assert set(doors) == set(DOORS)
    assert all(doors[door] >= least for door, least in (("form", 100), ("survey", 80), ("email", 60))), doors
    assert all(doors[door] >= 30 for door in ("mastodon", "api")), doors
    share = Counter(voice.language for voice in DEMO.voices)
    total = len(DEMO.voices)
    assert 350 <= total <= 450
    assert 0.5 < share["es"] / total < 0.62
    assert 0.25 < share["pt"] / total < 0.35
    assert 0.1 < share["en"] / total < 0.2
    answered = [voice for voice in DEMO.voices if voice.door == "survey"]
    assert any(voice.score == 0 for voice in answered)
    assert sum(voice.text is None for voice in answered) >= 10


def test_language_is_the_one_it_is_written_in() -> None:
    sure = [voice for voice in DEMO.voices if voice.text and len(voice.text) > 60 and voice.robot is None]
    assert len(sure) > 200
    sure += [replace(VOICES[reply.key], text=reply.text) for reply in DEMO.replies]
    for voice in sure:
        words = Counter(re.findall(r"\w+", (voice.text or "").lower()))
        votes = {language: sum(words[word] for word in telling.split()) for language, telling in TELLING.items()}
        assert votes[voice.language] + 1 >= max(votes.values()), (voice.key, votes)


def test_mail_and_mentions_are_of_their_kind() -> None:
    mails = [voice for voice in DEMO.voices if voice.door == "email"]
    assert all(voice.subject and voice.email and voice.score is None for voice in mails)
    assert Counter(voice.robot for voice in mails if voice.robot) == {"auto_reply": 3, "newsletter": 1, "bounce": 1}
    quoting = [voice for voice in mails if voice.quoted]
    assert len(quoting) >= 5
    assert all("{date}" not in voice.body(NOON) and ">" in voice.body(NOON) for voice in quoting)
    assert sum(bool(voice.signature) for voice in mails) >= 4
    answering = [voice for voice in DEMO.voices if voice.reply_to]
    assert len(answering) >= 10
    assert all(VOICES[voice.reply_to or ""].hours_ago > voice.hours_ago for voice in answering)
    mentions = [voice for voice in DEMO.voices if voice.door == "mastodon"]
    assert all(voice.text and len(voice.text) <= 500 and "@tienda" in voice.text for voice in mentions)
    assert all((voice.handle or "").endswith("@social.example") and voice.public for voice in mentions)
    assert sum(bool(voice.edited) for voice in mentions) == 1
    assert sum(voice.deleted_after_hours is not None for voice in mentions) == 1
    assert {(voice.public or {})["visibility"] for voice in mentions} == {"public", "unlisted", "direct"}


def test_customers_come_back_through_other_doors() -> None:
    assert 75 <= len(DEMO.customers) <= 100
    assert len({customer.key for customer in DEMO.customers}) == len(DEMO.customers)
    segments, units = {item["key"] for item in DEMO.segments}, {item["key"] for item in DEMO.units}
    seen: set[tuple[str, str]] = set()
    for customer in DEMO.customers:
        assert customer.segment in segments
        assert customer.unit in units
        assert customer.language in LANGUAGES
        for pair in customer.identities.items():
            assert IdentityKind(pair[0])
            assert pair not in seen, "an address belongs to one customer"
            seen.add(pair)
    doors: dict[str, set[str]] = {}
    for voice in DEMO.voices:
        if voice.customer and voice.robot is None:
            doors.setdefault(voice.customer, set()).add(voice.door)
    assert set(doors) == {customer.key for customer in DEMO.customers}
    assert sum(len(found) > 1 for found in doors.values()) >= 40
    assert sum(len(found) > 2 for found in doors.values()) >= 10


def test_units_are_a_tree() -> None:
    parents = {item["key"]: item["parent"] for item in DEMO.units}
    assert len(parents) == len(DEMO.units)
    for key in parents:
        path, at = [key], parents[key]
        while at is not None:
            assert at not in path
            path.append(at)
            at = parents[at]
        assert path[-1] == "aurora"
    assert {item["kind"] for item in DEMO.units} == {"company", "country", "city", "store", "online", "warehouse"}


def test_nobody_in_it_can_exist() -> None:
    addresses = [voice.email for voice in DEMO.voices] + [c.identities.get("email") for c in DEMO.customers]
    assert all(address.endswith(".example") for address in [*addresses, *PEOPLE] if address)
    phones = [voice.phone for voice in DEMO.voices] + [c.identities.get("phone") for c in DEMO.customers]
    assert all("0000" in phone or " 000 " in phone for phone in phones if phone)
    handles = [customer.identities.get("handle") for customer in DEMO.customers]
    assert all(handle.endswith("@social.example") for handle in handles if handle)


def test_people_and_answers_are_of_the_house() -> None:
    for team in DEMO.teams:
        assert {team["lead"], *team["members"]} <= set(PEOPLE)
        assert PEOPLE[team["lead"]]["role"] in (RoleName.ADMIN, RoleName.MANAGER)
    for reply in DEMO.replies:
        assert 0 < reply.after_hours < VOICES[reply.key].hours_ago
    for waiver in DEMO.waivers:
        assert PEOPLE[waiver.by]["role"] in (RoleName.ADMIN, RoleName.MANAGER)
    assert not {reply.key for reply in DEMO.replies} & {waiver.key for waiver in DEMO.waivers}
    assert not {reply.key for reply in DEMO.replies} & {key for key, voice in VOICES.items() if voice.robot}
    assert len({(reply.key, reply.after_hours) for reply in DEMO.replies}) == len(DEMO.replies)
    assert len({(note.key, note.after_hours) for note in DEMO.notes}) == len(DEMO.notes)


def test_every_state_a_case_can_be_in_is_there() -> None:
    assert len(DEMO.replies) >= 110
    assert len(DEMO.notes) >= 25
    assert len(DEMO.waivers) >= 6
    assert len(DEMO.recoveries) >= 20
    assert sum(recovery.asked_again is not None for recovery in DEMO.recoveries) >= 12
    resolved = {reply.key for reply in DEMO.replies if reply.resolve}
    answered = {reply.key for reply in DEMO.replies} - resolved
    held = {item.key: item.state for item in DEMO.held}
    assert {*held.values()} == {"owned", "overdue", "escalated", "waiting"}
    assert answered
    settled = resolved | answered | {waiver.key for waiver in DEMO.waivers}
    untouched = [voice for voice in DEMO.voices if bad(voice) and voice.key not in settled and voice.key not in held]
    assert len(untouched) >= 4, "nobody took these yet"
    assert all(voice.hours_ago < 7 * 24 for voice in DEMO.voices if bad(voice) and voice.key not in settled)
    judged = {verdict.key for verdict in DEMO.verdicts}
    assert {verdict.stance for verdict in DEMO.verdicts} == {"passive", "promoter"}
    unknown = [
        voice
        for voice in DEMO.voices
        if voice.score is None and voice.robot is None and not bad(voice) and voice.key not in judged
    ]
    assert 4 <= len(unknown) <= 12, "to judge"


def test_a_week_went_wrong_and_was_put_right() -> None:
    def heard(since: float, until: float) -> list[Voice]:
        return [voice for voice in DEMO.voices if until <= voice.hours_ago < since and voice.robot is None]

    def nps(voices: list[Voice]) -> float:
        return mean(
            (v.score >= 9) - (v.score <= 6) for v in voices if v.channel == "entrega-nps" and v.score is not None
        )

    bad_week, month_before = heard(WORST, OVER - 12), heard(WORST + 28 * 24, WORST)
    weeks_after = heard(OVER - 12, 4 * 24)
    assert len(bad_week) > 2.5 * len(month_before) / 4
    assert nps(bad_week) < -0.3 < 0.3 < nps(month_before)
    assert nps(weeks_after) > 0.3
    late = [voice for voice in bad_week if {"delivery", "waiting"} & set(voice.topics)]
    assert len(late) > len(bad_week) * 0.7
    slow = [reply for reply in DEMO.replies if VOICES[reply.key] in bad_week and reply.after_hours > 24]
    assert len(slow) >= 10
    answered = {reply.key for reply in DEMO.replies if reply.resolve}
    assert all(voice.key in answered or voice.key == "f078" for voice in bad_week if bad(voice))


def test_people_work_when_the_house_is_open() -> None:
    calendar = Calendar.from_dict({**DEMO.calendar, "country": None})
    for start in (NOON, NOON + timedelta(days=2, hours=7), NOON - timedelta(days=3, hours=11)):
        settled = [step for step in steps(DEMO, start) if step.at < start - timedelta(days=14)]
        assert len(settled) > 180
        office = [step for step in settled if not step.text.startswith("Recupera")]
        asleep = [(step.kind, step.key) for step in office if not is_open(calendar, step.at)]
        assert not asleep


def test_only_a_false_alarm_is_looked_at() -> None:
    looks = [step for step in steps(DEMO, NOON) if step.kind == "look"]
    assert len(looks) > 100
    assert {step.text for step in looks} == {"passive", "promoter"}
    keys = {step.key for step in looks}
    assert not keys & {key for key, voice in VOICES.items() if bad(voice)}
    assert not keys & {step.key for step in steps(DEMO, NOON) if step.kind != "look"}
    assert "a62" not in keys, "a high score beside words of danger"
    assert all(VOICES[step.key].received_at(NOON) < step.at < NOON for step in looks)


def test_calendar_can_be_read() -> None:
    assert Calendar.from_dict(DEMO.calendar).zone == DEMO.brand["zone"] == ZONE.key


@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    one=st.floats(0, 2880),
    other=st.floats(0, 2880),
)
def test_moments_keep_the_order_and_the_weekday(start: datetime, one: float, other: float) -> None:
    earlier, later = moment(start, max(one, other)), moment(start, min(one, other))
    assert earlier <= later <= start
    assert abs((start - moment(start, one)) - timedelta(hours=one)) <= timedelta(days=3.5)
    old = moment(start, 24 * 7 * 4).astimezone(ZoneInfo("America/Lima"))
    assert (old.weekday(), old.hour, old.minute) == (2, 12, 0)
    assert moment(start, 47) == start - timedelta(hours=47)


def test_part_of_it_is_whole() -> None:
    part = read_demo(limit=60)
    assert [voice.key for voice in part.voices] == [v.key for v in DEMO.voices][-60:]
    assert {voice.door for voice in read_demo(doors=("form", "api")).voices} == {"form", "api"}
    assert {item.key for item in part.customers} == {v.customer for v in part.voices if v.customer}
    keys = {voice.key for voice in part.voices}
    acts = (*part.replies, *part.notes, *part.waivers, *part.verdicts, *part.held, *part.recoveries)
    assert {act.key for act in acts} <= keys
    assert read_demo(limit=0).voices == ()
    assert len(read_demo(limit=10_000).voices) == len(DEMO.voices)


def test_kiosk_voices_have_the_columns_of_a_feedback() -> None:
    spoken = [columns(voice, DEMO.unit_name(voice.unit)) for voice in DEMO.voices if voice.door == "api"]
    assert {row["metric"] for row in spoken} == {"stars"}
    assert "Aurora Miraflores" in {row["unit"] for row in spoken}
    assert all(row["unit"] for row in spoken)
    assert [row["author"] for row in spoken if row["author"]] == [
        {"name": "Hortensia V. de Lagos", "email": None, "phone": None, "external_id": "CA-60001", "verified": True}
    ]


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("voices_api", {"key": "a01"}, "a01 is there twice"),
        ("voices_api", {"unit": "moon"}, "no such unit moon"),
        ("voices_api", {"channel": "door"}, "no such channel door"),
        ("voices_api", {"hours_ago": 2881}, "2881 hours ago"),
        ("voices_api", {"score": 6}, "6 is no stars score"),
        ("voices_form", {"customer": "nobody"}, "no such customer nobody"),
        ("voices_email", {"reply_to": "zz"}, "answers zz, which nobody said"),
        ("voices_mastodon", {"text": "a" * 501}, "too long for a mention"),
        ("answers", {"key": "zz"}, "nobody said zz"),
        ("answers", {"agent": "x@y.example"}, "not of the house"),
        ("notes", {"after_hours": 4000}, "4000 hours later"),
        ("recoveries", {"asked_again": "zz"}, "zz was never said"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, name: str, change: dict[str, object], fault: str) -> None:
    folder = tmp_path / "aurora"
    shutil.copytree(FOLDER, folder)
    file = folder / f"{name}.json"
    rows = json.loads(file.read_text(encoding="utf-8"))
    rows[0] |= change
    file.write_text(json.dumps(rows), encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        read_demo(folder)
