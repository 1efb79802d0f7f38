"""Retention of raw receipts: after the set number of days the body goes, the row stays as proof of arrival.

What is in quarantine keeps its body until somebody has replayed it: it is the only copy of what a customer said.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import update

from voc.core.settings import Settings
from voc.db import Database
from voc.model import Receipt
from voc.privacy import queries

BATCH = 500


class Context(Protocol):
    """What retention needs of the runtime."""

    db: Database
    settings: Settings


def remove_old_bodies(context: Context, now: datetime) -> int:
    """Remove bodies past their time in short transactions; returns how many."""
    days = context.settings.receipt_days
    if days <= 0:
        return 0
    before, removed = now - timedelta(days=days), 0
    while True:
        with context.db.writing(patience=30) as session:
            ids = queries.bodies_kept_since_before(before, BATCH).scalar_subquery()
            found = session.execute(
                update(Receipt)
                .where(Receipt.id.in_(ids))
                .values(body=None, headers={})
                .returning(Receipt.id)
                .execution_options(synchronize_session=False)
            ).all()
        removed += len(found)
        if len(found) < BATCH:
            return removed
