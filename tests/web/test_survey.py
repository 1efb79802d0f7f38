"""Surveys for customers: a look records nothing, a tap is kept at once, one invitation is one voice, ends are kind."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.web.asking import ANA, WORDS, Asking, said, ticket_of
from voc.cases.queries import feedback_view
from voc.core.errors import Busy
from voc.core.vocabulary import InvitationState, ReceiptState
from voc.intake.changing import edit
from voc.intake.replay import replay
from voc.model import Channel, Invitation, Receipt, Work
from voc.pipeline.verify import verify
from voc.security.access import SYSTEM
from voc.surveys.people import Person
from voc.surveys.upkeep import keep_up, mark_stored

# ——— By invitation


def test_a_tap_in_a_mail_is_shown_and_the_button_records_it(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    page = asking.client.get(f"/s/{token}?score=9")
    assert page.status_code == 200
    assert "Enviar mi 9" in said(page)
    assert "Pedido 88-4127" in said(page)
    assert "Set-Cookie" not in page.headers
    assert asking.all(Receipt) == []
    answer = asking.tap(f"/s/{token}?score=9", 9)
    assert answer.status_code == 303
    assert answer.location.startswith(f"/s/{token}/why")
    (receipt,) = asking.all(Receipt)
    body = json.loads(receipt.body)
    assert body["values"] == {"score": 9, "score.metric": "nps"}
    assert body["invited"]["email"] == "ana@correo.example"
    (invitation,) = asking.all(Invitation)
    assert (invitation.state, invitation.receipt_id) == (InvitationState.ANSWERED, receipt.id)
    (feedback,) = asking.feedback()
    assert (feedback.score, feedback.metric, feedback.unit) == (9, "nps", "Lima")
    assert feedback.author["email"] == "ana@correo.example"
    assert feedback.author["verified"] is True


@pytest.mark.parametrize("score", [0, 10])
def test_zero_is_an_answer(asking: Asking, score: int) -> None:
    (token,) = asking.invite(ANA)
    page = said(asking.client.get(f"/s/{token}?score={score}"))
    assert f"Enviar mi {score}" in page
    assert page.count('type="submit"') == 12
    asking.tap(f"/s/{token}", score)
    assert [row.score for row in asking.feedback()] == [score]


def test_the_score_is_kept_though_nobody_says_why(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    answer = asking.tap(f"/s/{token}", 3)
    why = said(asking.client.get(answer.location))
    assert "Su 3 está guardado" in why
    assert [(row.score, row.text) for row in asking.feedback()] == [(3, None)]


def test_words_are_more_of_the_same_answer(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    why = asking.tap(f"/s/{token}", 3).location
    thanks = asking.client.post(why, data={"text": WORDS})
    assert thanks.status_code == 303
    page = asking.client.get(thanks.location)
    assert "Su respuesta está guardada" in said(page)
    first, second = asking.all(Receipt)
    assert first.tracking_code in page.text
    assert json.loads(second.body)["adds_to"] == json.loads(first.body)["submission_id"]
    assert [(row.score, row.text) for row in asking.feedback()] == [(3, WORDS)]


def test_words_are_added_also_when_the_score_was_understood_before(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    why = asking.tap(f"/s/{token}", 8).location
    assert [(row.score, row.text) for row in asking.feedback()] == [(8, None)]
    asking.client.post(why, data={"text": WORDS})
    assert [(row.score, row.text) for row in asking.feedback()] == [(8, WORDS)]
    assert verify(asking.runtime, now=asking.clock()).findings == ()
    (feedback,) = asking.feedback()
    with asking.runtime.db.reading() as session:
        assert feedback_view(session, feedback.id).edited_at is None
    # Other words in their place are a change.
    with asking.runtime.db.writing() as session:
        now, receipt_id = asking.clock(), asking.all(Receipt)[1].id
        assert edit(session, feedback.id, text="Mejor no.", at=now, receipt_id=receipt_id, now=now)
    with asking.runtime.db.reading() as session:
        assert feedback_view(session, feedback.id).edited_at == now


def test_words_that_are_read_before_the_score_wait_for_it(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    asking.client.post(asking.tap(f"/s/{token}", 8).location, data={"text": WORDS})
    first, _second = asking.all(Receipt)
    late = update(Work).where(Work.subject_id == first.id)
    with asking.runtime.db.writing() as session:
        session.execute(late.values(due_at=asking.clock.at + timedelta(seconds=2)))
    assert asking.feedback() == []
    asking.clock.forward(seconds=10)
    assert [(row.score, row.text) for row in asking.feedback()] == [(8, WORDS)]


def test_words_whose_score_cannot_be_read_are_not_dropped_in_silence(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    asking.client.post(asking.tap(f"/s/{token}", 8).location, data={"text": WORDS})
    first, _second = asking.all(Receipt)
    late = update(Work).where(Work.subject_id == first.id)
    with asking.runtime.db.writing() as session:
        session.execute(late.values(due_at=asking.clock.at + timedelta(days=1)))
    for _ in range(6):
        asking.work()
        asking.clock.forward(seconds=30)
    _first, waiting = asking.all(Receipt)
    assert (waiting.state, "not here" in str(waiting.reason)) == (ReceiptState.QUARANTINED, True)
    asking.clock.forward(days=1)
    asking.work()
    with asking.runtime.db.writing() as session:
        replay(session, waiting.id, actor=SYSTEM, now=asking.clock())
    assert [(row.score, row.text) for row in asking.feedback()] == [(8, WORDS)]


def test_a_second_tap_is_the_same_answer_and_another_number_is_refused_kindly(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    page = asking.client.get(f"/s/{token}").text
    values = {"_ticket": ticket_of(page), "score": "4"}
    first, second = (asking.client.post(f"/s/{token}", data=values) for _ in range(2))
    assert first.location == second.location
    changed = asking.client.post(f"/s/{token}", data={**values, "score": "9"})
    assert changed.status_code == 409
    assert "Ya respondió" in said(changed)
    again = asking.client.get(f"/s/{token}?score=9")
    assert (again.status_code, "Ya respondió" in said(again)) == (200, True)
    assert f"/s/{token}/why" in again.text
    assert [row.score for row in asking.feedback()] == [4]


def test_words_too_are_added_once(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    why = asking.tap(f"/s/{token}", 4).location
    assert asking.client.post(why, data={"text": WORDS}).status_code == 303
    assert asking.client.post(why, data={"text": WORDS}).status_code == 303
    other = asking.client.post(why, data={"text": "otra cosa"})
    assert (other.status_code, "otra cosa" in other.text) == (409, True)
    assert "Ya respondió" in said(asking.client.get(why))
    assert "/why" not in asking.client.get(f"/s/{token}").text
    assert len(asking.all(Receipt)) == 2
    assert [(row.score, row.text) for row in asking.feedback()] == [(4, WORDS)]


def test_an_empty_reason_is_no_reason(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    why = asking.tap(f"/s/{token}", 4).location
    assert "/thanks" in asking.client.post(why, data={"text": "  \u200b "}).location
    assert len(asking.all(Receipt)) == 1
    assert asking.client.post(why, data={"text": WORDS}).status_code == 303
    assert len(asking.all(Receipt)) == 2


def test_too_many_words_are_shown_again(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    why = asking.tap(f"/s/{token}", 4).location
    answer = asking.client.post(why, data={"text": "x" * 10_001})
    assert (answer.status_code, "x" * 10_001 in answer.text) == (422, True)
    assert len(asking.all(Receipt)) == 1


def test_why_comes_after_the_score(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    for answer in (asking.client.get(f"/s/{token}/why"), asking.client.post(f"/s/{token}/why", data={"text": "x"})):
        assert answer.location.startswith(f"/s/{token}?")
    assert asking.all(Receipt) == []


@pytest.mark.parametrize("score", ["11", "-1", "", "9.5", "nueve", "٣"])
def test_what_is_no_number_of_the_scale_is_not_recorded(asking: Asking, score: str) -> None:
    (token,) = asking.invite(ANA)
    page = asking.client.get(f"/s/{token}", query_string={"score": score})
    assert (page.status_code, "Enviar mi" in page.text) == (200, False)
    assert asking.tap(f"/s/{token}", score).status_code == 422
    assert asking.all(Receipt) == []


def test_the_language_is_that_of_the_invitation_until_somebody_chooses(asking: Asking) -> None:
    (token,) = asking.invite(Person("joao@correio.example", language="pt"))
    assert 'lang="pt-BR"' in asking.client.get(f"/s/{token}").text
    english = asking.client.get(f"/s/{token}?score=3&lang=en")
    assert "Send my 3" in said(english)
    assert "score=3" in re.findall(r'class="langs".*?</nav>', english.text, re.DOTALL)[0]


def test_a_changed_question_is_shown_before_anything_is_recorded(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    ticket = ticket_of(asking.client.get(f"/s/{token}").text)
    with asking.runtime.db.writing() as session:
        channel = session.scalars(select(Channel).where(Channel.slug == "nps")).one()
        channel.form_version += 1
    answer = asking.client.post(f"/s/{token}", data={"_ticket": ticket, "score": "4"})
    assert answer.status_code == 409
    assert asking.all(Receipt) == []


def test_a_page_left_open_keeps_the_number(asking: Asking) -> None:
    (token,) = asking.invite(ANA)
    ticket = ticket_of(asking.client.get(f"/s/{token}").text)
    asking.clock.forward(hours=30)
    answer = asking.client.post(f"/s/{token}", data={"_ticket": ticket, "score": "0"})
    assert (answer.status_code, "Enviar mi 0" in said(answer)) == (409, True)
    values = {"_ticket": ticket_of(answer.text), "score": "0"}
    assert asking.client.post(f"/s/{token}", data=values).status_code == 303
    for forged in ("", "x.1.2.3", ticket[:-1] + ("A" if ticket[-1] != "A" else "B")):
        assert asking.client.post(f"/s/{token}", data={"_ticket": forged, "score": "0"}).status_code == 409


def test_a_busy_database_keeps_the_number_and_the_words(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    (token,) = asking.invite(ANA)
    page = asking.client.get(f"/s/{token}").text

    def busy(*_: Any) -> None:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(asking.runtime.writer, "accept", busy)
        answer = asking.client.post(f"/s/{token}", data={"_ticket": ticket_of(page), "score": "2"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "Enviar mi 2" in said(answer)
    why = asking.client.post(f"/s/{token}", data={"_ticket": ticket_of(answer.text), "score": "2"}).location
    with monkeypatch.context() as patch:
        patch.setattr(asking.runtime.writer, "accept", busy)
        answer = asking.client.post(why, data={"text": WORDS})
    assert (answer.status_code, WORDS in said(answer)) == (503, True)
    assert [(row.score, row.text) for row in asking.feedback()] == [(2, None)]


def test_an_answer_is_marked_though_the_process_ended_before(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receipt is the truth; what failed to be marked is marked by upkeep, also when time was over meanwhile."""
    (token,) = asking.invite(ANA)
    with asking.runtime.db.writing() as session:
        session.scalars(select(Invitation)).one().begun_at = asking.clock()

    def busy(*_: Any, **__: Any) -> None:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr("voc.web.public.survey.answering.mark_answered", busy)
        assert asking.tap(f"/s/{token}", 2).status_code == 303
    assert asking.all(Invitation)[0].state is not InvitationState.ANSWERED
    assert "Ya respondió" in said(asking.client.get(f"/s/{token}"))
    asking.clock.forward(days=30, hours=2)
    keep_up(asking.runtime, asking.clock())
    (invitation,) = asking.all(Invitation)
    assert invitation.state is InvitationState.ANSWERED
    assert mark_stored(asking.runtime, asking.clock()) == 0
