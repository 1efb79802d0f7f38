"""Replay: receipts from quarantine are read again, with the same identity; one, or all of a channel page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.clock import Clock
from voc.core.errors import Conflict, NotFound
from voc.core.vocabulary import ReceiptState
from voc.intake import queries
from voc.intake.events import ReceiptStored
from voc.jobs import Item, enqueue, publish
from voc.jobs.outbox import publish_all
from voc.model import Receipt
from voc.security.access import Actor, require

REPLAY_KIND = "intake.replay"
# So many at a time, with a pause, so that what comes in now is not kept waiting by what came in long ago.
PAGE = 200
PAUSE = timedelta(seconds=1)


class Context(Protocol):
    """What replaying needs of the runtime."""

    @property
    def clock(self) -> Clock:
        """What time it is."""


def replay(session: Session, receipt_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let the worker read the receipt again; raises NotFound, or Conflict when it is not in quarantine."""
    require(actor, "quarantine.replay")
    receipt = queries.receipt_by_id(session, receipt_id)
    if receipt.state is not ReceiptState.QUARANTINED:
        raise Conflict("this receipt is not in quarantine")
    receipt.state, receipt.reason = ReceiptState.STORED, None
    publish(session, ReceiptStored(receipt_id), now=now)
    audit(session, actor_id=actor.user_id, action="receipt.replayed", subject_id=receipt_id, now=now)


def replay_all(session: Session, channel_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Let the worker read again, oldest first, everything of a channel that is in quarantine now.

    What cannot be read comes back and is not tried a second time. Raises NotFound, and Conflict when nothing is there
    or it is going on already.
    """
    require(actor, "quarantine.replay")
    if queries.channel_for_update(session, channel_id) is None:
        raise NotFound
    newest = queries.newest_quarantined(session, channel_id)
    if newest is None:
        raise Conflict("nothing of this channel is in quarantine")
    if queries.waiting_kinds(session, channel_id, (REPLAY_KIND,)):
        raise Conflict("it is read again already")
    enqueue(session, REPLAY_KIND, subject_id=channel_id, now=now, data={"until": newest.hex})
    audit(session, actor_id=actor.user_id, action="channel.replayed", subject_id=channel_id, now=now)


def replay_pages(session: Session, context: Context, pairs: Sequence[tuple[Item, Any]]) -> None:
    """Put a page back, and order the next one; each page is one transaction, so that a killed worker goes on there."""
    for item, _ in pairs:
        now = context.clock()
        until, after = UUID(hex=item.data["until"]), item.data.get("after")
        ids = queries.quarantined_between(
            session, item.subject, after=UUID(hex=after) if after else None, until=until, limit=PAGE
        )
        taken = session.scalars(
            update(Receipt)
            .where(Receipt.id.in_(ids), Receipt.state == ReceiptState.QUARANTINED)
            .values(state=ReceiptState.STORED, reason=None)
            .returning(Receipt.id)
            .execution_options(synchronize_session=False)
        ).all()
        publish_all(session, [ReceiptStored(receipt_id) for receipt_id in sorted(taken)], now=now)
        if len(ids) == PAGE:
            data = {"until": until.hex, "after": ids[-1].hex}
            enqueue(session, REPLAY_KIND, subject_id=item.subject, now=now, data=data, due_at=now + PAUSE)
