"""The log of the webhooks is kept for a month; what was abandoned in it is shown as failed."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, update

from voc.core.vocabulary import HookState
from voc.db import Database
from voc.delivery.hooks import queries
from voc.model import WebhookDelivery

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
PATIENCE = timedelta(hours=1)
BATCH = 500


class Context(Protocol):
    """What upkeep needs of the runtime."""

    db: Database


def sweep(runtime: Context, now: datetime) -> None:
    """Remove a batch of old rows, and fail what nobody works on any more."""
    with runtime.db.reading() as session:
        old = queries.old(session, before=now - KEPT, limit=BATCH)
        left = queries.abandoned(session, before=now - PATIENCE, limit=BATCH)
    if not old and not left:
        return
    with runtime.db.writing(patience=30) as session:
        if old:
            session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))
        if left:
            log.warning("webhooks were abandoned", extra={"rows": len(left)})
            session.execute(
                update(WebhookDelivery)
                .where(WebhookDelivery.id.in_(left), WebhookDelivery.state == HookState.WAITING)
                .values(state=HookState.FAILED, error="The worker died whenever it tried this.")
            )
