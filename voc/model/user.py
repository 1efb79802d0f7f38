"""Users, roles, teams, API tokens and one-time sign-in links."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voc.db.types import Base, Key

user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", Key, ForeignKey("user.id"), primary_key=True),
    Column("role_id", Key, ForeignKey("role.id"), primary_key=True),
)


class Role(Base):
    """What somebody may do; the names are fixed (`RoleName`)."""

    __tablename__ = "role"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)

    def get_permissions(self) -> set[str]:
        """No finer permissions than the role itself; asked by the sign-in library."""
        return set()

    def __eq__(self, other: object) -> bool:
        return self.name == (other.name if isinstance(other, Role) else other)

    def __hash__(self) -> int:
        return hash(self.name)


class User(Base):
    """Somebody who works here. `fs_uniquifier` is what a session refers to: renewing it ends every session."""

    __tablename__ = "user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(320), unique=True, info={"personal": True})
    name: Mapped[str] = mapped_column(String(120), info={"personal": True})
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]

    # The sign-in library reads roles by attribute, so this one relationship loads itself.
    roles: Mapped[list[Role]] = relationship(secondary=user_role, lazy="selectin")


class Team(Base):
    """People who answer for a kind of case. Escalations go to `lead_id`."""

    __tablename__ = "team"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]


class TeamMember(Base):
    """Who belongs to which team."""

    __tablename__ = "team_member"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True, index=True)


class ApiToken(Base):
    """A token for the API: only its hash is kept. Feedback it brings belongs to `channel_id`."""

    __tablename__ = "api_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[list[Any]]
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A link that signs in once: GET shows a page, POST uses it up."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
