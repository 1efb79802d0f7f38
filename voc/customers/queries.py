"""SELECTs about customers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from voc.model import Identity


def customers_by_identity(session: Session, hashes: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], UUID]:
    """Customer ids by (kind, keyed hash) for those identities that are known."""
    if not hashes:
        return {}
    rows = session.execute(
        select(Identity.kind, Identity.value_hash, Identity.customer_id).where(
            tuple_(Identity.kind, Identity.value_hash).in_(list(hashes))
        )
    )
    return {(kind, bytes(value_hash)): customer_id for kind, value_hash, customer_id in rows}
