"""Corrections over the API: a person's word, brought by a program, with everything that follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from voc.core.ids import new_id
from voc.core.vocabulary import ObligationState
from voc.jobs.engine import Engine
from voc.model import Analysis, AuditEntry, Obligation, StanceDecision, User
from voc.pipeline.verify.run import verify

FEEDBACK = "/api/v1/feedback"
PATRICIA = "patricia@aurora.example"


@pytest.fixture
def patricia(program: Any) -> str:
    with program.runtime.db.writing() as session:
        user = session.query(User).first()
        user.email, user.name = PATRICIA, "Patricia"
    return PATRICIA


def said(program: Any, **words: Any) -> str:
    """A feedback that was understood, and its address for corrections."""
    stored = program.post({"text": "La entrega fue rápida, muy contenta.", **words})
    Engine(program.runtime, worker="flow").drain("flow")
    return f"{FEEDBACK}/{stored.json['id']}/corrections"


def corrected(program: Any, path: str, by: str, **words: Any) -> Any:
    return program.post({"by": by, **words}, path=path, token=program.new_token("cases:write"))


def test_a_person_is_named_and_everything_follows(program: Any, patricia: str) -> None:
    path = said(program)
    answer = corrected(program, path, patricia.upper(), stance="detractor", label="negative", topics=["billing"])
    assert answer.status_code == 200, answer.json
    now = answer.json
    assert (now["stance"], now["label"], now["corrected_by"]) == ("detractor", "negative", "Patricia")
    assert now["obligation_state"] == "open"
    assert now["case_id"]
    assert {opinion["topic"] for opinion in now["analysis"]["opinions"]} == {"billing"}
    decision = max(program.rows(StanceDecision), key=lambda row: row.id)
    assert decision.author_id is not None
    trail = [entry.action for entry in program.rows(AuditEntry)]
    assert {"stance.corrected", "label.corrected", "topics.corrected", "correction.by_token"} <= set(trail)
    assert verify(program.runtime, now=program.runtime.clock()).findings == ()


def test_what_the_machine_said_stays_and_the_same_again_adds_nothing(program: Any, patricia: str) -> None:
    path = said(program)
    for _ in range(2):
        assert corrected(program, path, patricia, label="neutral", topics=["delivery"], stance="passive").json
    analyzers = [row.analyzer for row in sorted(program.rows(Analysis), key=lambda row: row.id)]
    assert analyzers == ["voc-linear", "person", "person"]
    assert len([row for row in program.rows(StanceDecision) if row.author_id]) == 1


def test_somebody_who_is_not_unhappy_needs_no_answer(program: Any, patricia: str) -> None:
    path = said(program, text="Pésima atención, nunca más vuelvo")
    assert corrected(program, path, patricia, stance="promoter").json["obligation_state"] == "waived"
    assert [row.state for row in program.rows(Obligation)] == [ObligationState.WAIVED]
    again = corrected(program, path, patricia, stance="detractor")
    assert again.json["obligation_state"] == "open"
    assert len(program.rows(Obligation)) == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"by": None}, "by"),
        ({"by": "nobody@aurora.example"}, "by"),
        ({"by": "x" * 300}, "by"),
        ({"stance": "unknown"}, "stance"),
        ({"stance": 1}, "stance"),
        ({"label": "awful"}, "label"),
        ({"topics": ["nowhere"]}, "topics"),
        ({"topics": "delivery"}, "topics"),
        ({"topics": ["delivery"] * 51}, "topics"),
        ({"color": "red"}, "color"),
        ({}, "stance"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_taken(
    program: Any, patricia: str, change: dict[str, Any], place: str
) -> None:
    path = said(program)
    before = len(program.rows(Analysis)), len(program.rows(StanceDecision)), len(program.rows(AuditEntry))
    body = {"by": patricia, **({"label": "negative", **change} if change else {})}
    token = program.new_token("cases:write")
    answer = program.post(body, path=path, token=token)
    assert answer.status_code == 422, answer.json
    assert any(name.startswith(place) for name in answer.json["errors"]), answer.json
    after = len(program.rows(Analysis)), len(program.rows(StanceDecision)), len(program.rows(AuditEntry))
    assert after[:2] == before[:2]
    assert after[2] - before[2] <= 1  # the token itself


def test_without_a_text_there_is_no_label_to_correct(program: Any, patricia: str) -> None:
    path = said(program, text=None, metric="nps", score=9)
    assert corrected(program, path, patricia, label="negative").status_code == 422
    assert corrected(program, path, patricia, stance="detractor").json["obligation_state"] == "open"


def test_who_has_left_has_no_word(program: Any, patricia: str) -> None:
    path = said(program)
    with program.runtime.db.writing() as session:
        session.query(User).first().active = False
    assert "by" in corrected(program, path, patricia, stance="detractor").json["errors"]


@pytest.mark.parametrize("scope", ["feedback:write", "feedback:read", "cases:read"])
def test_other_scopes_may_not(program: Any, patricia: str, scope: str) -> None:
    path = said(program)
    assert (
        program.post({"by": patricia, "label": "neutral"}, path=path, token=program.new_token(scope)).status_code == 403
    )


def test_a_feedback_that_is_not_there(program: Any, patricia: str) -> None:
    assert corrected(program, f"{FEEDBACK}/{new_id()}/corrections", patricia, stance="passive").status_code == 404
