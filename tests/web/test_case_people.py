"""The case page where more than one person wrote, and what it says of answers that came back or arrived."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from voc.core.vocabulary import MessageState
from voc.delivery.fate import Fate, report
from voc.model import Case, Feedback, Message

ANGRY = "Your delivery was terrible and slow & I will sue you"


def case_of(desk: Any, feedback_id: UUID) -> Case:
    with desk.runtime.db.reading() as session:
        found: Case = session.get_one(Case, session.get_one(Feedback, feedback_id).case_id)
        return found


@pytest.fixture
def case(desk: Any) -> Case:
    """A case of somebody who left an address."""
    return case_of(desk, desk.say(ANGRY, 2, name="Rosa Elena Quispe", email="rosa@example.com"))


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_who_else_wrote_on_the_case_is_shown_and_answered(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    assert 'name="to"' not in browser.visit(f"/cases/{case.id}").text
    other_id = desk.say("Same here: terrible!", 0, name="Eva", email="eva@example.com", work=False)
    with desk.runtime.db.writing() as session:
        session.get_one(Feedback, other_id).case_id = case.id
    desk.work()
    assert case_of(desk, other_id).id == case.id

    page = browser.visit(f"/cases/{case.id}").text
    shown = re.findall(r'<option value="([0-9a-f-]{36})"( selected)?>([^<]* · by e-mail to [^<]*)</option>', page)
    assert [(bool(selected), words) for _, selected, words in shown] == [
        (True, "Rosa Elena Quispe · by e-mail to rosa@example.com · not answered yet"),
        (False, "Eva · by e-mail to eva@example.com · not answered yet"),
    ]
    # What is typed for one stays for that one when it does not go through.
    refused = browser.send(f"/cases/{case.id}/say", text=" ", kind="answer", version=version_in(page), to=shown[1][0])
    assert f'<option value="{shown[1][0]}" selected>' in refused.text
    nobody = browser.send(
        f"/cases/{case.id}/say",
        text="Hi",
        kind="answer",
        version=version_in(page),
        to="01900000-0000-7000-8000-000000000000",
    )
    assert nobody.status_code == 422
    sent = browser.send(
        f"/cases/{case.id}/say", text="Dear Eva", kind="answer", version=version_in(page), to=shown[1][0]
    )
    assert sent.status_code == 303
    with desk.runtime.db.reading() as session:
        assert session.scalars(select(Message.recipient)).one() == "eva@example.com"


def test_a_bounce_stands_in_the_thread(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    browser.send(f"/cases/{case.id}/say", text="I am sorry.", kind="answer", version="1")
    with desk.runtime.db.writing() as session:
        (message_id,) = session.scalars(select(Message.id))
        now = desk.runtime.clock()
        assert report(session, message_id, Fate("failed", "no such address", ("rosa@example.com",), now), now=now)
    desk.work()
    page = browser.visit(f"/cases/{case.id}").text
    assert "An answer came back: whoever it was for has not been answered" in page


def test_what_the_other_side_reports_stands_beside_the_answer(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    browser.send(f"/cases/{case.id}/say", text="I am sorry.", kind="answer", version="1")
    with desk.runtime.db.writing() as session:
        (message,) = session.scalars(select(Message))
        now = message.sent_at = desk.runtime.clock()
        message.state, message.attempts, message_id = MessageState.SENT, 1, message.id
    for word, seen in (("delivered", "delivered <time"), ("read", "read <time")):
        with desk.runtime.db.writing() as session:
            assert report(session, message_id, Fate(word, "", ("eva@example.com",), now), now=now) is False
        assert seen not in browser.visit(f"/cases/{case.id}").text
        with desk.runtime.db.writing() as session:
            assert report(session, message_id, Fate(word, "", ("rosa@example.com",), now), now=now)
        assert seen in browser.visit(f"/cases/{case.id}").text


def test_what_was_too_large_is_said(desk: Any, case: Case) -> None:
    browser = desk.browser("Camila")
    words = "This was too large to show in full"
    assert words not in browser.visit(f"/cases/{case.id}").text
    with desk.runtime.db.writing() as session:
        session.get_one(Feedback, case.headline_id).facts = {"truncated": True}
    assert words in browser.visit(f"/cases/{case.id}").text
