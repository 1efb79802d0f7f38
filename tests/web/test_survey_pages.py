"""Surveys for the people who ask: adding one, inviting after a look, and results that never lie about n."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.web.conftest import Browser, Desk, text
from voc.core.vocabulary import InvitationState, RoleName
from voc.intake.channels import add_channel
from voc.model import Channel, Invitation
from voc.surveys import answering, queries
from voc.surveys.leaving import leave


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return desk.browser("Lucia")


@pytest.fixture
def manager(desk: Desk) -> Browser:
    return desk.browser("Patricia")


def survey(desk: Desk, slug: str = "entrega", **options: Any) -> UUID:
    with desk.runtime.db.writing() as session:
        channel = add_channel(
            session, desk.runtime.host, kind="survey", name="Entrega", slug=slug, options=options,
            now=desk.runtime.clock(),
        )  # fmt: skip
    desk.work()
    return channel.id


def invitations(desk: Desk) -> list[Invitation]:
    with desk.runtime.db.reading() as session:
        return list(session.scalars(select(Invitation).order_by(Invitation.id)))


def answer(desk: Desk, channel: UUID, score: int, words: str = "", metric: str = "nps", who: str = "") -> None:
    """Somebody answers by the public link, or by an invitation."""
    runtime = desk.runtime
    desk.count += 1
    asked, submission = None, f"s{desk.count}"
    with runtime.db.reading() as session:
        if it := session.scalars(select(Invitation).where(Invitation.email == who)).first():
            asked, submission = queries.asked(session, it.id), answering.submission_of(it.id)
    values = {"score": score, "score.metric": metric} | ({"text": words} if words else {})
    accepted = answering.give_score(
        runtime.writer, runtime.keys, channel_id=channel, submission_id=submission, form_version=1, language="es",
        values=values, now=runtime.clock(), asked=asked,
    )  # fmt: skip
    if asked:
        with runtime.db.writing() as session:
            answering.mark_answered(session, asked.id, receipt_id=accepted.receipt_id, at=runtime.clock())
    desk.work()


def values_of(page: str) -> list[int]:
    """The counts of the distribution, lowest score first."""
    part = page.split('<ul class="bars bars--flat">')[1].split("</ul>")[0]
    return [int(n) for n in re.findall(r'<span class="num">\d+</span><span class="num">(\d+) ', part)]


def test_the_list_begins_empty_and_only_administrators_add(desk: Desk, admin: Browser) -> None:
    agent = desk.browser("Camila")
    page = text(agent.visit("/surveys"))
    assert "No survey yet" in page
    assert "Add a survey" not in page
    assert agent.send("/surveys", name="x").status_code == 403
    assert "Add a survey" in text(admin.visit("/surveys"))
    assert desk.browser().visit("/surveys").status_code == 302


def test_adding_a_survey(desk: Desk, admin: Browser) -> None:
    answer = admin.send(
        "/surveys", name="Después de la entrega", metric="ces", languages="es", reason="1", **{"question.es": "¿Fácil?"}
    )
    assert answer.status_code == 303
    desk.work()
    page = text(admin.visit(answer.location))
    assert "¿Fácil?" in page
    assert "/s/despues-de-la-entrega" in page
    assert "Nobody has answered yet" in page
    with desk.runtime.db.reading() as session:
        channel = session.scalars(select(Channel).where(Channel.kind == "survey")).one()
    assert channel.options["metric"] == "ces"
    assert channel.options["languages"] == ["es"]
    assert channel.options["contact"] is False
    assert "CES" in text(admin.visit("/surveys"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": " "}, "The name is missing."),
        ({"slug": "No Way"}, "Small letters, digits and hyphens"),
        ({"slug": "feedback"}, "no other channel may have it"),
        ({"metric": "stars"}, "must be one of"),
    ],
)
def test_what_is_wrong_is_said_and_stays(admin: Browser, changes: dict[str, str], said: str) -> None:
    values = {"name": "Entrega", "metric": "csat", "slug": "", "question.pt": "Foi fácil?"} | changes
    answer = admin.send("/surveys", **values)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert "Foi fácil?" in text(answer)


def test_inviting_takes_a_look_first(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    people = "ana@correo.example\nEva <eva@correo.example>\nnobody\nana@correo.example"
    look = manager.send(f"/surveys/{key}/invite", people=people)
    page = text(look)
    assert look.status_code == 200
    assert "2 people are going to be asked." in page
    assert "2 lines could not be understood" in page
    assert "line 3: nobody – This is no e-mail address." in page
    assert "No mail is sent yet" in page
    assert invitations(desk) == []
    batch = re.search(r'name="batch" value="([^"]+)"', look.text)
    assert batch is not None
    for said in ("2 people are going to be asked.", "This list was taken already."):
        done = manager.send(f"/surveys/{key}/invite", people=people, batch=batch[1], act="1")
        assert done.status_code == 303
        assert said in text(manager.visit(done.location))
    assert [it.email for it in invitations(desk)] == ["ana@correo.example", "eva@correo.example"]
    assert {it.invited_by for it in invitations(desk)} == {desk.people["Patricia"]}


def test_the_look_says_whom_the_policy_refuses(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    manager.send(f"/surveys/{key}/invite", people="ana@correo.example\neva@correo.example", batch=str(key), act="1")
    ana, eva = invitations(desk)
    with desk.runtime.db.writing() as session:
        leave(session, ana.id, now=desk.runtime.clock())
        invitation = queries.by_id_for_update(session, eva.id)
        assert invitation is not None
        invitation.asked_at = desk.runtime.clock()
    page = text(manager.send(f"/surveys/{key}/invite", people="ana@correo.example\neva@correo.example"))
    assert "0 people are going to be asked." in page
    assert "1 person is not: this person does not want to be asked." in page
    assert "eva@correo.example: this person was invited not long ago: Mar 4, 2026" in page
    assert 'name="act"' not in page


def test_a_list_without_anybody(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    answer = manager.send(f"/surveys/{key}/invite", people="<script>alert(1)</script>")
    assert (answer.status_code, "There is no e-mail address in this list." in text(answer)) == (422, True)
    assert "<script>alert" not in answer.text


def test_agents_may_look_and_not_invite(desk: Desk) -> None:
    key = survey(desk)
    agent = desk.browser("Camila")
    assert "Invite people" not in text(agent.visit(f"/surveys/{key}"))
    assert agent.visit(f"/surveys/{key}/invite").status_code == 403
    assert agent.send(f"/surveys/{key}/invite", people="ana@x.pe", batch=str(key), act="1").status_code == 403
    assert agent.visit("/surveys/00000000-0000-0000-0000-000000000000").status_code == 404
    assert agent.visit(f"/surveys/{desk.channel_id}").status_code == 404


def test_results_with_n_and_margin_and_zero(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    page = text(manager.visit(f"/surveys/{key}"))
    assert "Nobody has answered yet" in page
    assert "score__value" not in page
    assert values_of(page) == [0] * 11
    for score, words in ((0, "Pésimo"), (0, ""), (10, "Excelente <todo>"), (9, "")):
        answer(desk, key, score, words)
    page = text(manager.visit(f"/surveys/{key}"))
    assert '<span class="score__value">0</span>' in page
    assert "· n 4" in page
    assert values_of(page) == [2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert "Excelente <todo>" in page
    assert page.index("Excelente") < page.index("Pésimo")
    assert "Nobody was invited by e-mail" in page


def test_reach_and_rate(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    people = "\n".join(f"p{number}@correo.example" for number in range(4))
    manager.send(f"/surveys/{key}/invite", people=people, batch=str(key), act="1")
    now = desk.runtime.clock()
    with desk.runtime.db.writing() as session:
        for number, it in enumerate(session.scalars(select(Invitation).order_by(Invitation.id))):
            it.next_at = None
            if number < 3:
                it.state, it.mails = InvitationState.SENT, 1
                it.asked_at = it.begun_at = it.sent_at = it.last_sent_at = now
            else:
                it.state, it.reason = InvitationState.FAILED, "the mail server refused the recipient: 550 no"
    answer(desk, key, 3, who="p0@correo.example")
    page = text(manager.visit(f"/surveys/{key}"))
    assert "33 % of those who got an e-mail answered" in page
    assert "n 3" in page
    assert "p3@correo.example" in page
    assert "the mail server refused the recipient: 550 no" in page
    spanish = desk.hire("Rosa", RoleName.MANAGER, "es")
    assert spanish
    page = text(desk.browser("Rosa").visit(f"/surveys/{key}"))
    assert "Respondió el 33 %" in page
    assert "no entregada" in page


def test_answers_to_another_question_are_not_mixed_in(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    answer(desk, key, 10)
    with desk.runtime.db.writing() as session:
        channel = session.get_one(Channel, key)
        channel.options = {**channel.options, "metric": "csat"}
        from voc.intake.channels import refresh_forms

        refresh_forms(session, now=desk.runtime.clock(), channel_ids=[key])
    desk.work()
    answer(desk, key, 5, metric="csat")
    page = text(manager.visit(f"/surveys/{key}"))
    assert "1 answer to an earlier question (NPS) is not counted here." in page
    assert values_of(page) == [0, 0, 0, 0, 1]


def test_a_session_that_ended_loses_no_survey(desk: Desk, manager: Browser) -> None:
    key = survey(desk)
    answer = manager.send(f"/surveys/{key}/invite", token="wrong", people="ana@x.pe", batch=str(key), act="1")
    assert (answer.status_code, answer.location) == (303, f"/surveys/{key}")
    assert invitations(desk) == []
