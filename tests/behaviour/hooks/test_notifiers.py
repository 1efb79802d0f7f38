"""Notices by what plugins offer (`voc_notifiers`): rules, missed deadlines, once, in the language of the house."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from voc.cases.escalate import sweep
from voc.core.errors import Invalid, SettingError
from voc.core.settings import load
from voc.core.vocabulary import WorkState
from voc.jobs import queries as jobs
from voc.model import Case, House, Team, Work


def test_a_rule_tells_the_room_in_the_language_of_the_house(place: Any) -> None:
    with place.runtime.db.writing() as session:
        session.execute(update(House).values(language="pt", name="Aurora"))
    place.rule(notify=["notifier:chatroom", "lead"])
    place.say("Pésima atención")
    ((key, body),) = place.room.written
    assert body["text"].startswith("*Enojados: caso C-1*\nA regra “Enojados” pede este aviso")
    assert "Olá" not in body["text"]
    assert "“Pésima atención”" in body["text"]
    assert f"https://voc.example/cases/{place.newest().case_id}" in body["text"]
    assert key
    place.work()
    assert len(place.room.written) == 1


def test_a_missed_deadline_is_told_there_too_and_to_nobody_twice(place: Any) -> None:
    place.say("mal")
    with place.runtime.db.writing() as session:
        session.execute(update(Team).values(lead_id=None))
    place.runtime.clock.forward(days=30)
    sweep(place.runtime, place.runtime.clock())
    place.work()
    ((_, body),) = place.room.written
    lines = body["text"].splitlines()
    assert lines[0] == "@channel *Plazos vencidos: 2*"
    # The first response, and putting it right.
    assert [line.split(":")[0] for line in lines if line.startswith("- ")] == [
        "- caso C-1, la respuesta",
        "- caso C-1, la solución",
    ]
    case_id = place.newest().case_id
    assert f"Abrir y atender: https://voc.example/cases/{case_id}" in lines
    assert "En palabras del cliente: «mal»" in lines
    sweep(place.runtime, place.runtime.clock())
    place.work()
    assert len(place.room.written) == 1
    assert place.get(Case, place.newest().case_id).escalated_at is not None


def test_what_cannot_be_told_is_tried_again_and_then_shown(place: Any) -> None:
    place.rule(notify=["notifier:chatroom"])
    place.room.trouble = "down"
    place.say("mal")
    keys = []
    for _ in range(20):
        (work,) = [row for row in place.all(Work) if row.kind == "delivery.notifier"]
        keys.append(work.id)
        if work.state is WorkState.QUARANTINED:
            break
        place.runtime.clock.forward(hours=1)
        place.work()
    assert len(set(keys)) == 1
    with place.runtime.db.reading() as session:
        (held,) = jobs.quarantined(session)
    assert "the chat room at 127.0.0.1 answered 503" in (held.error or "")
    assert "made-up" not in (held.error or "")


def test_a_notifier_that_nobody_offers(place: Any) -> None:
    with pytest.raises(Invalid) as refused:
        place.rule(notify=["notifier:nobody"])
    assert set(refused.value.fields) == {"notify"}
    with pytest.raises(Invalid):
        place.rule(notify=["notifier:../x"])
    with pytest.raises(SettingError):
        load({"VOC_NOTIFIERS": "Chat Room"})
    assert load({"VOC_NOTIFIERS": "chatroom, pager"}).notifiers == ("chatroom", "pager")
