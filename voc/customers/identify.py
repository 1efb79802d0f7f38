"""Finding out who said it. Only a verified identity joins a history; what somebody typed is a contact point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.customers import queries
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.model import ContactPoint, Customer, Identity
from voc.security.keys import Keys

EXTERNAL = "external_id"


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a feedback belongs to; both None for somebody who left nothing."""

    customer_id: UUID | None
    contact_point_id: UUID | None


def identify(
    session: Session, keys: Keys, authors: Sequence[tuple[UUID, Mapping[str, Any] | None, str | None]], *, now: datetime
) -> dict[UUID, Who]:
    """Who stands behind each (feedback id, author as stored by intake, language); writes what is new, in bulk."""
    known = _customers(session, keys, authors, now)
    points: list[dict[str, Any]] = []
    found: dict[UUID, Who] = {}
    for feedback_id, author, _language in authors:
        customer_id = known.get(_identity(keys, author) or ("", b""))
        point_id = None
        if author and any(author.get(name) for name in ("name", "email", "phone")):
            point_id = new_id()
            points.append(
                {
                    "id": point_id,
                    "name": author.get("name"),
                    "email": author.get("email"),
                    "phone": author.get("phone"),
                    "created_at": now,
                }
            )
        found[feedback_id] = Who(customer_id, point_id)
    if points:
        bulk_insert(session.connection(), table_of(ContactPoint), points)
    return found


def _identity(keys: Keys, author: Mapping[str, Any] | None) -> tuple[str, bytes] | None:
    """(kind, keyed hash) when the author has a verified identity."""
    if not author or not author.get("verified") or not author.get(EXTERNAL):
        return None
    return EXTERNAL, keys.hash("identity", EXTERNAL, str(author[EXTERNAL]))


def _customers(
    session: Session,
    keys: Keys,
    authors: Sequence[tuple[UUID, Mapping[str, Any] | None, str | None]],
    now: datetime,
) -> dict[tuple[str, bytes], UUID]:
    """Customer ids by identity, new ones added."""
    wanted = {identity: (author, language) for _, author, language in authors if (identity := _identity(keys, author))}
    known = queries.customers_by_identity(session, list(wanted))
    customers, identities = [], []
    for identity, (author, language) in wanted.items():
        if identity in known or author is None:
            continue
        known[identity] = customer_id = new_id()
        customers.append({"id": customer_id, "name": author.get("name"), "language": language, "created_at": now})
        identities.append(
            {
                "id": new_id(),
                "customer_id": customer_id,
                "kind": identity[0],
                "value": str(author[EXTERNAL]),
                "value_hash": identity[1],
                "created_at": now,
            }
        )
    if customers:
        bulk_insert(session.connection(), table_of(Customer), customers)
        bulk_insert(session.connection(), table_of(Identity), identities)
    return known
