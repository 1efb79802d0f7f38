"""Invitations: whatever is changed past the services is found, and what is in good order is not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from voc.core.ids import new_id
from voc.core.vocabulary import Door, InvitationState, Metric, ReceiptState
from voc.db.types import table_of
from voc.intake.writer import EMPTY_FEEDBACK
from voc.model import DeliveryKey, Feedback, Invitation, Receipt, Suppression, Work
from voc.surveys.address import address_hash
from voc.surveys.answering import delivery_key, submission_of
from voc.surveys.states import OPEN
from voc.surveys.token import token_of

CHECKS = (
    "invitation.idle", "invitation.no_reason", "invitation.voices", "invitation.answer", "invitation.unmarked",
    "invitation.person", "invitation.state", "invitation.left",
)  # fmt: skip
EMPTY: dict[str, Any] = {
    "invited_by": None, "name": None, "external_id": None, "facts": {}, "language": "es", "domain": "aurora.example",
    "reason": None, "mails": 0, "next_at": None, "asked_at": None, "begun_at": None, "sent_at": None,
    "last_sent_at": None, "answered_at": None, "receipt_id": None,
}  # fmt: skip


class Asked:
    """One invitation in each state, written into a transaction that is rolled back."""

    def __init__(self, torn: Any) -> None:
        self.torn, self.keys, self.channel = torn, torn.keys, torn.past.form_channel
        self.at: datetime = torn.past.now()
        self.ids: dict[InvitationState, UUID] = {}
        for state in InvitationState:
            self.add(state, **self.columns(state))
        self.write(Suppression, address_hash=address_hash(self.keys, self.email(InvitationState.REFUSED)),
                   invitation_id=self.ids[InvitationState.REFUSED], created_at=self.at)  # fmt: skip

    def columns(self, state: InvitationState) -> dict[str, Any]:
        mailed = {"mails": 1, "asked_at": self.at, "begun_at": self.at, "sent_at": self.at, "last_sent_at": self.at}
        if state is InvitationState.PLANNED:
            return {"next_at": self.at}
        if state in (InvitationState.SENT, InvitationState.EXPIRED):
            return mailed
        if state is InvitationState.ANSWERED:
            return {**mailed, "answered_at": self.at}
        if state is InvitationState.SENDING:
            return {"asked_at": self.at, "begun_at": self.at}
        return {"reason": "said"}

    def email(self, state: InvitationState) -> str:
        return f"{state.value}@correo.example"

    def write(self, model: Any, **values: Any) -> None:
        self.torn.connection.execute(insert(table_of(model)), [values])

    def add(self, state: InvitationState, **columns: Any) -> None:
        key = self.ids[state] = new_id()
        receipt = self.answer(key) if state is InvitationState.ANSWERED else None
        values = {
            **EMPTY, **columns, "id": key, "channel_id": self.channel, "batch_id": key, "email": self.email(state),
            "address_hash": address_hash(self.keys, self.email(state)), "state": state, "created_at": self.at,
            "expires_at": self.at + timedelta(days=30), "receipt_id": receipt,
        }  # fmt: skip
        self.write(Invitation, **values)
        if state is InvitationState.SENDING:
            self.write(Work, id=new_id(), kind="surveys.send", lane="slow", subject_id=key, data={}, dedupe=None,
                       state="todo", due_at=self.at, attempts=0, worker=None, lease_until=None, error=None,
                       created_at=self.at)  # fmt: skip

    def answer(self, invitation: UUID, code: str = "SRVY234") -> UUID:
        """A stored answer with its voice; its receipt."""
        receipt, submission = new_id(), submission_of(invitation)
        self.write(Receipt, id=receipt, channel_id=self.channel, door=Door.FORM, content_type="x", headers={}, body=b"",
                   received_at=self.at, delivery_id=submission, tracking_code=code, state=ReceiptState.READ,
                   reason=None)  # fmt: skip
        self.write(DeliveryKey, key=delivery_key(self.keys, self.channel, submission), content_hash=b"x",
                   receipt_id=receipt, feedback_id=None, created_at=self.at)  # fmt: skip
        self.voice(receipt)
        return receipt

    def voice(self, receipt: UUID) -> None:
        self.write(Feedback, **{**EMPTY_FEEDBACK, "id": new_id(), "receipt_id": receipt, "channel_id": self.channel,
                                "metric": Metric.NPS, "score": 9, "received_at": self.at})  # fmt: skip

    def found(self) -> set[str]:
        found: set[str] = self.torn.found(*CHECKS)
        return found


@pytest.fixture
def asked(torn: Any) -> Asked:
    return Asked(torn)


def test_invitations_in_good_order(asked: Asked) -> None:
    assert asked.found() == set()
    assert set(asked.ids) == set(InvitationState) > OPEN
    assert len({token_of(asked.keys, key) for key in asked.ids.values()}) == len(asked.ids)


# which state | what is changed | what must be found
CHANGES = """
planned | next_at = NULL | invitation.idle
planned | mails = 1 | invitation.state
planned | sent_at = :ago | invitation.state
planned | state = 'sent' | invitation.state
planned | state = 'sending' | invitation.state
planned | answered_at = :ago | invitation.state
sending | begun_at = NULL | invitation.state
sent | state = 'planned' | invitation.state
sent | state = 'refused' | invitation.state
sent | state = 'answered' | invitation.state
sent | mails = 0 | invitation.state
sent | sent_at = NULL | invitation.state
sent | last_sent_at = :ago | invitation.state
sent | begun_at = NULL | invitation.state
sent | receipt_id = (SELECT id FROM receipt WHERE delivery_id = 'shown') | invitation.answer
sent | address_hash = :bytes | invitation.person
sent | email = 'other@correo.example' | invitation.person
answered | receipt_id = NULL | invitation.unmarked
answered | receipt_id = (SELECT id FROM receipt WHERE delivery_id = 'shown') | invitation.answer
answered | channel_id = (SELECT id FROM channel WHERE slug <> 'feedback') | invitation.answer
answered | state = 'sent' | invitation.state
answered | next_at = :far | invitation.state
refused | reason = NULL | invitation.no_reason
refused | next_at = :far | invitation.state
refused | begun_at = :far | invitation.left
failed | reason = '' | invitation.no_reason
expired | next_at = :far | invitation.state
"""


@pytest.mark.parametrize("line", CHANGES.strip().splitlines())
def test_changed_invitations_are_found(asked: Asked, line: str) -> None:
    state, change, finds = (part.strip() for part in line.split(" | "))
    asked.torn.tear(f"UPDATE invitation SET {change} WHERE state = '{state}'")
    assert finds in asked.found()


def test_work_that_is_gone(asked: Asked) -> None:
    asked.torn.tear("DELETE FROM work WHERE kind = 'surveys.send'")
    assert asked.found() == {"invitation.idle"}


def test_an_answer_without_a_voice_or_with_two(asked: Asked) -> None:
    receipt = "(SELECT receipt_id FROM invitation WHERE state = 'answered')"
    asked.torn.tear(f"DELETE FROM feedback WHERE receipt_id = {receipt}")
    assert asked.found() == {"invitation.voices"}


def test_two_voices_of_one_invitation(asked: Asked) -> None:
    with asked.torn.reading() as session:
        receipt = session.get(Invitation, asked.ids[InvitationState.ANSWERED]).receipt_id
    asked.voice(receipt)
    assert asked.found() == {"invitation.voices"}


def test_an_answer_that_nobody_marked(asked: Asked) -> None:
    """As when the process ended between the receipt and the mark: upkeep finds the same."""
    asked.answer(asked.ids[InvitationState.SENT], "SRVY235")
    assert asked.found() == {"invitation.unmarked"}


def test_mailed_after_leaving(asked: Asked) -> None:
    gone = address_hash(asked.keys, asked.email(InvitationState.SENT))
    asked.write(Suppression, address_hash=gone, invitation_id=None, created_at=asked.at - timedelta(hours=1))
    assert asked.found() == {"invitation.left"}


def test_left_after_the_mail_is_in_order(asked: Asked) -> None:
    gone = address_hash(asked.keys, asked.email(InvitationState.SENT))
    asked.write(Suppression, address_hash=gone, invitation_id=None, created_at=asked.at + timedelta(hours=1))
    assert asked.found() == set()
