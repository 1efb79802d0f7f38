"""Customers with verified identities, and contact points nobody verified."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import IdentitySource
from voc.db.types import Base, bytewise, closed

_ATTACHED = text("detached_at IS NULL")
_OPEN = text("settled_at IS NULL")


class Customer(Base):
    """A person or account that voc has proof of. `version` rises with every change a person makes to the profile.

    `name_key` is the name as it is searched (`voc.customers.normalize.name_key`); `value` is what the customer is
    worth to the company, in whole units of its own money, as somebody here typed it.
    """

    __tablename__ = "customer"
    __table_args__ = (Index("ix_customer_name", "name_key", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    name: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    name_key: Mapped[str | None] = mapped_column(bytewise(200), info={"personal": True})
    language: Mapped[str | None] = mapped_column(String(8))
    preferred_channel: Mapped[str | None] = mapped_column(String(20))
    segment: Mapped[str | None] = mapped_column(String(40))
    value: Mapped[int | None] = mapped_column(BigInteger, info={"personal": True})
    created_at: Mapped[datetime]


class Identity(Base):
    """A verified identity. Found by its keyed hash, so that erasing the value leaves nothing to guess from.

    One that was taken away stays as the reason why earlier feedback belongs to this customer; the same value may
    then be somebody else's. `source` says who proved it, `verified_by` names the colleague when it was one.
    """

    __tablename__ = "identity"
    __table_args__ = (
        Index(
            "ix_identity_attached",
            "kind",
            "value_hash",
            unique=True,
            sqlite_where=_ATTACHED,
            postgresql_where=_ATTACHED,
        ),
        Index("ix_identity_value_hash", "value_hash"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(320), info={"personal": True})
    value_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    source: Mapped[IdentitySource] = mapped_column(
        closed(IdentitySource), default=IdentitySource.CHANNEL, server_default=IdentitySource.CHANNEL.value
    )
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    detached_at: Mapped[datetime | None]
    detached_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


class PossibleDuplicate(Base):
    """Two customers who may be one: a feedback came with a verified identity of each. Nobody is joined by this; a
    person looks at it and says so (`settled_at`). The pair is stored with the smaller id first."""

    __tablename__ = "possible_duplicate"
    __table_args__ = (
        UniqueConstraint("customer_id", "other_id"),
        Index("ix_possible_duplicate_other", "other_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    feedback_id: Mapped[UUID]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


class ContactPoint(Base):
    """An address that somebody typed: it can be answered, it is never joined to anybody's history.

    The keys are the addresses as they are compared (`voc.customers.normalize`), None for what is no address: for the
    hint that an address was seen before, and for nothing else.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        Index(
            "ix_contact_point_email",
            "email_key",
            sqlite_where=text("email_key IS NOT NULL"),
            postgresql_where=text("email_key IS NOT NULL"),
        ),
        Index(
            "ix_contact_point_phone",
            "phone_key",
            sqlite_where=text("phone_key IS NOT NULL"),
            postgresql_where=text("phone_key IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    email: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    phone: Mapped[str | None] = mapped_column(String(40), info={"personal": True})
    email_key: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    phone_key: Mapped[str | None] = mapped_column(String(40), info={"personal": True})
    created_at: Mapped[datetime]
