"""Statements about customers and identities, and the rows whose keys are computed again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, String, exists, or_, select, type_coerce
from sqlalchemy.orm import Session

from voc.core.vocabulary import IdentitySource
from voc.model import ContactPoint, Customer, Identity, PossibleDuplicate
from voc.pipeline.verify.check import Scope, check


@check("customer.unproved", "I2")
def customer_unproved(scope: Scope) -> Select[Any]:
    """Nothing proves who a customer is, now or before: the feedback under it may be anybody's. Restore the identity
    from a backup."""
    proved = exists().where(Identity.customer_id == Customer.id)
    return select(Customer.id).where(~proved, scope.of(Customer.id))


@check("identity.who", "I2")
def identity_who(scope: Scope) -> Select[Any]:
    """A colleague vouched for an identity or took one away, and it is not on record who or when; or a name stands
    there for what a channel proved. Take it away and attach it again."""
    by_person = type_coerce(Identity.source, String) == IdentitySource.PERSON.value
    return select(Identity.id).where(
        or_(
            by_person != Identity.verified_by.is_not(None),
            Identity.detached_at.is_not(None) != Identity.detached_by.is_not(None),
        ),
        scope.of(Identity.id),
    )


@check("duplicate.pair", "I2")
def duplicate_pair(scope: Scope) -> Select[Any]:
    """A pair of customers who may be one is not kept as a pair, or it is not on record who settled it: it would be
    asked again. Settle it on the customer's page."""
    return select(PossibleDuplicate.id).where(
        or_(
            PossibleDuplicate.customer_id >= PossibleDuplicate.other_id,
            PossibleDuplicate.settled_at.is_not(None) != PossibleDuplicate.settled_by.is_not(None),
        ),
        scope.of(PossibleDuplicate.id),
    )


CHECKS = (customer_unproved, identity_who, duplicate_pair)


def identities(session: Session, ids: Sequence[UUID]) -> Sequence[Row[UUID, str, str, bytes]]:
    """(id, kind, value, keyed hash) of these identities."""
    return session.execute(
        select(Identity.id, Identity.kind, Identity.value, Identity.value_hash).where(Identity.id.in_(ids))
    ).all()


def names(session: Session, ids: Sequence[UUID]) -> Sequence[Row[UUID, str | None, str | None]]:
    """(id, name, key) of these customers."""
    return session.execute(select(Customer.id, Customer.name, Customer.name_key).where(Customer.id.in_(ids))).all()


def addresses(session: Session, ids: Sequence[UUID]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Addresses and keys of these contact points."""
    point = ContactPoint
    return session.execute(
        select(point.id, point.email, point.phone, point.email_key, point.phone_key).where(point.id.in_(ids))
    ).all()
