"""What a person says about who somebody is: an identity verified, attached to a customer, or taken away again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from voc.core.errors import Conflict, Invalid
from voc.core.ids import new_id
from voc.core.vocabulary import IdentityKind, IdentitySource
from voc.customers import queries
from voc.customers.changing import changing, noted
from voc.customers.identify import identity_key
from voc.customers.normalize import normalize
from voc.model import Identity
from voc.security.access import Actor, require
from voc.security.keys import Keys

PERMISSION = "customer.identify"


def attach(
    session: Session,
    keys: Keys,
    customer_id: UUID,
    *,
    actor: Actor,
    kind: IdentityKind,
    value: str,
    version: int,
    now: datetime,
) -> UUID:
    """Say that this identity is this customer's, because `actor` has proof of it; returns its id.

    From now on whatever comes in with it as verified joins this customer. What came before stays where it is. Raises
    Invalid when it is no identity or somebody else's, Forbidden, NotFound, Conflict when somebody was faster.
    """
    customer = changing(session, customer_id, actor=actor, permission=PERMISSION, version=version)
    known = normalize(kind, value.strip())
    if known is None:
        raise Invalid(fields={"value": ["This is no such address or number."]})
    key = identity_key(keys, kind, known)
    present = queries.attached(session, *key)
    if present is not None and present.customer_id != customer.id:
        raise Invalid(fields={"value": ["Another customer has this already. Take it away there first."]})
    if present is not None:
        return present.id
    identity = Identity(
        id=new_id(),
        customer_id=customer.id,
        kind=kind.value,
        value=known,
        value_hash=key[1],
        source=IdentitySource.PERSON,
        verified_by=actor.user_id,
        created_at=now,
        detached_at=None,
        detached_by=None,
    )
    session.add(identity)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("somebody attached this identity a moment ago") from None
    noted(
        session, customer.id, "identity.attached", actor=actor, now=now, identity_id=str(identity.id), kind=kind.value
    )
    return identity.id


def verify(
    session: Session, customer_id: UUID, identity_id: UUID, *, actor: Actor, version: int, now: datetime
) -> None:
    """Put one's own name to an identity that a channel had proved. Raises what `attach` raises."""
    customer = changing(session, customer_id, actor=actor, permission=PERMISSION, version=version)
    identity = queries.identity_for_update(session, customer.id, identity_id)
    identity.source, identity.verified_by = IdentitySource.PERSON, actor.user_id
    noted(
        session,
        customer.id,
        "identity.verified",
        actor=actor,
        now=now,
        identity_id=str(identity.id),
        kind=identity.kind,
    )


def detach(
    session: Session, customer_id: UUID, identity_id: UUID, *, actor: Actor, version: int, now: datetime
) -> None:
    """Take an identity away: what comes in with it is this customer's no longer, and another may have it. What came
    in before stays, and the row stays as the reason why. Raises what `attach` raises."""
    customer = changing(session, customer_id, actor=actor, permission=PERMISSION, version=version)
    identity = queries.identity_for_update(session, customer.id, identity_id)
    identity.detached_at, identity.detached_by = now, actor.user_id
    noted(
        session,
        customer.id,
        "identity.detached",
        actor=actor,
        now=now,
        identity_id=str(identity.id),
        kind=identity.kind,
    )


def settle_duplicate(session: Session, customer_id: UUID, duplicate_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Say that two customers who looked like one are two. Raises NotFound, Forbidden, Conflict when it was said."""
    require(actor, PERMISSION)
    pair = queries.duplicate_for_update(session, customer_id, duplicate_id)
    if pair.settled_at is not None:
        raise Conflict("this was settled before")
    pair.settled_at, pair.settled_by = now, actor.user_id
    noted(session, customer_id, "customer.not_duplicate", actor=actor, now=now, duplicate_id=str(duplicate_id))
