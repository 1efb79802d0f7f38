"""Letting due invitations go in small portions: no answer to a customer waits behind thousands of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.jobs import enqueue
from voc.model import Invitation
from voc.surveys import queries
from voc.surveys.queries import SEND_KIND

PORTION = 20
# Mails that wait for their next try count too: a mail server that takes nothing is not offered everything.
MOST_WAITING = 500


def feed(session: Session, *, now: datetime) -> int:
    """Queue the next portion when the last one has gone; returns how many."""
    ready, waiting = queries.work_waiting(session, now)
    if ready or waiting >= MOST_WAITING:
        return 0
    ids = queries.due(session, now, PORTION)
    for invitation_id in ids:
        taken = session.execute(
            update(Invitation)
            .where(Invitation.id == invitation_id, Invitation.next_at.is_not(None), Invitation.next_at <= now)
            .values(next_at=None)
            .returning(Invitation.id)
            .execution_options(synchronize_session="fetch")
        ).first()
        if taken is not None:
            enqueue(session, SEND_KIND, subject_id=invitation_id, now=now)
    return len(ids)
