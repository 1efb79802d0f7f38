"""Statements about invitations, and the rows of each with what belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import InvitationState, ReceiptState
from voc.model import Feedback, Invitation, Receipt, Suppression
from voc.pipeline.verify.arrival.queries import blank, waiting_work
from voc.pipeline.verify.check import Scope, check
from voc.surveys.queries import SEND_KIND

AnyRow = Row[*tuple[Any, ...]]


@check("invitation.idle", "I3")
def invitation_idle(scope: Scope) -> Select[Any]:
    """An invitation is shown as on its way and nothing is going to send it. While `voc serve` runs it is shown as not
    delivered within ten minutes; invite the person again."""
    in_hand = Invitation.state.in_([InvitationState.PLANNED, InvitationState.SENDING])
    return select(Invitation.id).where(
        in_hand, Invitation.next_at.is_(None), Invitation.id.not_in(waiting_work(SEND_KIND))
    )


@check("invitation.no_reason", "I3")
def invitation_no_reason(scope: Scope) -> Select[Any]:
    """Somebody was not asked, or not reached, and nobody can see why."""
    ended = Invitation.state.in_([InvitationState.REFUSED, InvitationState.FAILED])
    return select(Invitation.id).where(ended, blank(Invitation.reason), scope.of(Invitation.id))


@check("invitation.voices", "I2")
def invitation_voices(scope: Scope) -> Select[Any]:
    """An invitation was answered and counts as nobody's voice, or as several. Remove those that are too many, or read
    its receipt again."""
    voices = (
        select(func.count(Feedback.id)).where(Feedback.receipt_id == Invitation.receipt_id).correlate(Invitation)
    ).scalar_subquery()
    read = exists().where(Receipt.id == Invitation.receipt_id, Receipt.state == ReceiptState.READ)
    return select(Invitation.id).where(read, voices != 1, scope.of(Invitation.id))


CHECKS = (invitation_idle, invitation_no_reason, invitation_voices)


def invitations(session: Session, ids: Sequence[UUID]) -> Sequence[AnyRow]:
    """These invitations, each with when its person left (None: never)."""
    return session.execute(
        select(
            Invitation.id,
            Invitation.channel_id,
            Invitation.email,
            Invitation.address_hash,
            Invitation.state,
            Invitation.mails,
            Invitation.created_at,
            Invitation.next_at,
            Invitation.begun_at,
            Invitation.sent_at,
            Invitation.last_sent_at,
            Invitation.answered_at,
            Invitation.receipt_id,
            Suppression.created_at.label("left_at"),
        )
        .outerjoin(Suppression, Suppression.address_hash == Invitation.address_hash)
        .where(Invitation.id.in_(ids))
        .order_by(Invitation.id)
    ).all()
