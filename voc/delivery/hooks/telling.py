"""Telling those who want to hear: a row of the log and a row of work for each, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.core.vocabulary import HookEvent, HookState
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.delivery.hooks import queries
from voc.delivery.hooks.queries import HOOK_KIND
from voc.jobs import outbox
from voc.model import WebhookDelivery, Work


def tell(session: Session, event: HookEvent, subjects: Sequence[tuple[UUID, str]], *, now: datetime) -> int:
    """Let every endpoint that listens hear of `event` for each (id, path in voc); returns how many deliveries."""
    return tell_these(session, queries.listening(session, event), event, subjects, now=now) if subjects else 0


def tell_these(
    session: Session,
    endpoint_ids: Sequence[UUID],
    event: HookEvent,
    subjects: Sequence[tuple[UUID, str]],
    *,
    now: datetime,
) -> int:
    """The same for these endpoints, whatever they listen to."""
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "endpoint_id": endpoint_id,
            "event": event,
            "subject_id": subject_id,
            "path": path,
            "state": HookState.WAITING,
            "attempts": 0,
            "status": None,
            "error": None,
            "created_at": now,
            "due_at": now,
            "tried_at": None,
        }
        for subject_id, path in subjects
        for endpoint_id in endpoint_ids
    ]
    if rows:
        handler = outbox.registry_of(session).handlers[HOOK_KIND]
        connection = session.connection()
        bulk_insert(connection, table_of(WebhookDelivery), rows)
        work = [outbox.row(handler, subject_id=row["id"], now=now) for row in rows]
        bulk_insert(connection, table_of(Work), work)
    return len(rows)
