"""SELECTs of privacy."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from voc.core.vocabulary import ReceiptState
from voc.model import Receipt


def bodies_kept_since_before(moment: datetime, limit: int) -> Select[UUID]:
    """Receipts that were read, came in before `moment` and still hold their raw body."""
    return (
        select(Receipt.id)
        .where(
            Receipt.received_at < moment,
            Receipt.body.is_not(None),
            Receipt.state.in_([ReceiptState.READ, ReceiptState.ROBOT, ReceiptState.IGNORED]),
        )
        .limit(limit)
    )
