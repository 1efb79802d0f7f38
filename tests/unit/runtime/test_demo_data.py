"""The demo's file fits together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from voc.core.calendar import Calendar
from voc.core.vocabulary import LANGUAGES, SCALES, Metric, RoleName
from voc.runtime.demo.data import read_demo

DEMO = read_demo()
START = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def test_voices_are_possible_submissions() -> None:
    assert len({voice.key for voice in DEMO.voices}) == len(DEMO.voices)
    forms = {form["slug"]: form for form in DEMO.forms}
    for voice in DEMO.voices:
        assert voice.language in LANGUAGES
        assert voice.metric == forms[voice.form]["metric"]
        if voice.score is not None:
            low, high = SCALES[Metric(voice.metric)]
            assert low <= voice.score <= high
        values = voice.values()
        assert "score" in values or "text" in values
        assert ("score" in values) == ("score.metric" in values) == (voice.score is not None)
    received = [voice.received_at(START) for voice in DEMO.voices]
    assert received == sorted(received)
    assert received[-1] < START


def test_people_and_answers_are_of_the_house() -> None:
    people = {person["email"]: person for person in DEMO.users}
    assert all(email.endswith(".example") for email in people), "addresses that nobody can have"
    for team in DEMO.teams:
        assert {team["lead"], *team["members"]} <= set(people)
    voices = {voice.key: voice for voice in DEMO.voices}
    for reply in DEMO.replies:
        assert reply.agent in people
        assert voices[reply.key].received_at(START) + timedelta(hours=reply.after_hours) < START
    for waiver in DEMO.waivers:
        assert people[waiver.by]["role"] in (RoleName.ADMIN, RoleName.MANAGER)
        assert waiver.key in voices
    assert not {reply.key for reply in DEMO.replies} & {waiver.key for waiver in DEMO.waivers}
    assert all((voice.email or "@example.com").endswith("@example.com") for voice in DEMO.voices)


def test_calendar_can_be_read() -> None:
    assert Calendar.from_dict(DEMO.calendar).zone == DEMO.brand["zone"]
