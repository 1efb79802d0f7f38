"""Replay: a receipt from quarantine is read again, with the same identity."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict
from voc.core.vocabulary import ReceiptState
from voc.intake import queries
from voc.intake.events import ReceiptStored
from voc.jobs import publish
from voc.security.access import Actor, require


def replay(session: Session, receipt_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let the worker read the receipt again; raises NotFound, or Conflict when it is not in quarantine."""
    require(actor, "quarantine.replay")
    receipt = queries.receipt_by_id(session, receipt_id)
    if receipt.state is not ReceiptState.QUARANTINED:
        raise Conflict("this receipt is not in quarantine")
    receipt.state, receipt.reason = ReceiptState.STORED, None
    publish(session, ReceiptStored(receipt_id), now=now)
    audit(session, actor_id=actor.user_id, action="receipt.replayed", subject_id=receipt_id, now=now)
