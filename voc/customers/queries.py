"""SELECTs that services of this room need. What screens show stands in `reading/`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.model import ContactPoint, Customer, Identity, PossibleDuplicate


def customers_by_identity(session: Session, keys: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], UUID]:
    """Customer ids by (kind, keyed hash) for those identities that somebody has now."""
    if not keys:
        return {}
    rows = session.execute(
        select(Identity.kind, Identity.value_hash, Identity.customer_id).where(
            tuple_(Identity.kind, Identity.value_hash).in_(list(keys)), Identity.detached_at.is_(None)
        )
    )
    return {(kind, bytes(value_hash)): customer_id for kind, value_hash, customer_id in rows}


def holders(session: Session, kind: str, customer_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these customers have an identity of this kind now."""
    return set(
        session.scalars(
            select(Identity.customer_id).where(
                Identity.customer_id.in_(customer_ids), Identity.kind == kind, Identity.detached_at.is_(None)
            )
        )
    )


def pairs(session: Session, wanted: Sequence[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Which of these pairs of customers were kept as possible duplicates before."""
    if not wanted:
        return set()
    rows = session.execute(
        select(PossibleDuplicate.customer_id, PossibleDuplicate.other_id).where(
            tuple_(PossibleDuplicate.customer_id, PossibleDuplicate.other_id).in_(list(wanted))
        )
    )
    return {(first, second) for first, second in rows}


def customer_for_update(session: Session, customer_id: UUID) -> Customer:
    """The customer, locked; raises NotFound."""
    found = session.scalars(select(Customer).where(Customer.id == customer_id).with_for_update()).first()
    if found is None:
        raise NotFound
    return found


def attached(session: Session, kind: str, value_hash: bytes) -> Identity | None:
    """The identity of this kind and keyed hash, if somebody has it now; locked."""
    return session.scalars(
        select(Identity)
        .where(Identity.kind == kind, Identity.value_hash == value_hash, Identity.detached_at.is_(None))
        .with_for_update()
    ).first()


def identity_for_update(session: Session, customer_id: UUID, identity_id: UUID) -> Identity:
    """This identity of this customer, locked; raises NotFound, also for one that was taken away."""
    found = session.scalars(
        select(Identity)
        .where(Identity.id == identity_id, Identity.customer_id == customer_id, Identity.detached_at.is_(None))
        .with_for_update()
    ).first()
    if found is None:
        raise NotFound
    return found


def contact_point(session: Session, contact_point_id: UUID) -> ContactPoint:
    """The contact point; raises NotFound."""
    found = session.get(ContactPoint, contact_point_id)
    if found is None:
        raise NotFound
    return found


def duplicate_for_update(session: Session, customer_id: UUID, duplicate_id: UUID) -> PossibleDuplicate:
    """A possible duplicate of this customer, locked; raises NotFound."""
    found = session.scalars(
        select(PossibleDuplicate).where(PossibleDuplicate.id == duplicate_id).with_for_update()
    ).first()
    if found is None or customer_id not in (found.customer_id, found.other_id):
        raise NotFound
    return found
