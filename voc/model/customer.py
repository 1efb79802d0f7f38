"""Customers with verified identities, and contact points nobody verified."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base


class Customer(Base):
    """A person or account that voc has proof of."""

    __tablename__ = "customer"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]


class Identity(Base):
    """A verified identity. Found by its keyed hash, so that erasing the value leaves nothing to guess from."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("kind", "value_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(320), info={"personal": True})
    value_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]


class ContactPoint(Base):
    """An address that somebody typed: it can be answered, it is never joined to anybody's history."""

    __tablename__ = "contact_point"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    email: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    phone: Mapped[str | None] = mapped_column(String(40), info={"personal": True})
    created_at: Mapped[datetime]
