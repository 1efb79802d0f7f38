"""SELECTs about users, tokens and links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.text import fold
from voc.core.vocabulary import RoleName
from voc.model import ApiToken, Role, SignInLink, Team, TeamMember, User, user_role
from voc.security.access import Actor


def user_by_email(session: Session, email: str) -> User | None:
    """The user with this address, whatever its case."""
    return session.scalars(select(User).where(func.lower(User.email) == email.strip().lower())).first()


def user_by_id(session: Session, user_id: UUID) -> User:
    """The user; raises NotFound."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    return user


def role_by_name(session: Session, name: RoleName) -> Role:
    """The role; raises NotFound when the house was never set up."""
    role = session.scalars(select(Role).where(Role.name == name.value)).first()
    if role is None:
        raise NotFound(f"there is no role {name}")
    return role


def actor_of(session: Session, user_id: UUID) -> Actor:
    """The acting person with the strongest role and all teams; raises NotFound for an unknown or inactive one."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound
    teams = session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user_id))
    return Actor(user_id=user.id, role=strongest(user.roles), team_ids=frozenset(teams), name=user.name)


def strongest(roles: Sequence[Role]) -> RoleName:
    """The role that allows most; without any: agent."""
    names = {role.name for role in roles}
    for name in (RoleName.ADMIN, RoleName.MANAGER):
        if name.value in names:
            return name
    return RoleName.AGENT


def users_with_teams(session: Session) -> Sequence[tuple[User, list[str]]]:
    """Everybody by name, with the names of their teams."""
    names: dict[UUID, list[str]] = {}
    pairs = select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id).order_by(Team.name)
    for user_id, team in session.execute(pairs):
        names.setdefault(user_id, []).append(team)
    # Not by the database: there Álvaro stands behind Zoe.
    users = sorted(session.scalars(select(User)), key=lambda user: (not user.active, fold(user.name), user.id))
    return [(user, names.get(user.id, [])) for user in users]


def active_admins(session: Session) -> int:
    """How many active administrators there are."""
    statement = (
        select(func.count())
        .select_from(User)
        .join(user_role, user_role.c.user_id == User.id)
        .join(Role, Role.id == user_role.c.role_id)
        .where(User.active, Role.name == RoleName.ADMIN.value)
    )
    return session.execute(statement).scalar_one()


def reachable_admin(session: Session) -> bool:
    """Whether some administrator can sign in with a password."""
    statement = (
        select(User.id)
        .join(user_role, user_role.c.user_id == User.id)
        .join(Role, Role.id == user_role.c.role_id)
        .where(User.active, User.password.is_not(None), Role.name == RoleName.ADMIN.value)
        .limit(1)
    )
    return session.execute(statement).first() is not None


def first_admin(session: Session) -> User | None:
    """The oldest active administrator."""
    return session.scalars(
        select(User).join(User.roles).where(User.active, Role.name == RoleName.ADMIN.value).order_by(User.id).limit(1)
    ).first()


def link_by_hash(session: Session, token_hash: bytes, now: datetime) -> SignInLink | None:
    """The link when it can still be used."""
    return session.scalars(
        select(SignInLink).where(
            SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now
        )
    ).first()


def token_by_hash(session: Session, token_hash: bytes) -> ApiToken | None:
    """The token unless it was revoked."""
    return session.scalars(
        select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None))
    ).first()
