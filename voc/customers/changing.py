"""The beginning of every change a person makes to a customer, and what is written down of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict
from voc.customers import queries
from voc.model import Customer
from voc.security.access import Actor, require


def changing(session: Session, customer_id: UUID, *, actor: Actor, permission: str, version: int) -> Customer:
    """The customer, locked, when `actor` may change it and has seen its present state; its version rises.

    Raises Forbidden, NotFound, or Conflict when somebody was faster.
    """
    require(actor, permission)
    customer = queries.customer_for_update(session, customer_id)
    if customer.version != version:
        raise Conflict(f"the customer is at version {customer.version}, not {version}")
    customer.version += 1
    return customer


def noted(
    session: Session, customer_id: UUID, action: str, *, actor: Actor, now: datetime, **data: str | list[str] | None
) -> None:
    """Write the change into the audit trail: ids and our own words, never the value itself."""
    audit(session, actor_id=actor.user_id, action=action, subject_id=customer_id, now=now, **data)
