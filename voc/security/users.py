"""People who work here: adding, signing in by a one-time link, changing, letting go."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import new_id, random_key
from voc.core.text import one_line
from voc.core.vocabulary import LANGUAGES, RoleName
from voc.model import Role, SignInLink, TeamMember, User
from voc.security import queries
from voc.security.access import SYSTEM, Actor, require

_ADDRESS = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,255}")


def add_roles(session: Session) -> None:
    """Write the three fixed roles; called once when the house is set up."""
    session.add_all(Role(id=new_id(), name=name.value) for name in RoleName)


def add(
    session: Session,
    *,
    email: str,
    name: str,
    role: RoleName,
    language: str,
    now: datetime,
    actor: Actor = SYSTEM,
    team_id: UUID | None = None,
) -> User:
    """Add somebody without a password; they come in by a sign-in link. Raises Invalid with a message per field."""
    require(actor, "user.edit")
    email, name = email.strip(), one_line(name)[:120]
    errors: dict[str, list[str]] = {}
    if not _ADDRESS.fullmatch(email):
        errors["email"] = ["This is no e-mail address."]
    elif queries.user_by_email(session, email) is not None:
        errors["email"] = ["Somebody with this address is here already."]
    if not name:
        errors["name"] = ["The name is missing."]
    if language not in LANGUAGES:
        errors["language"] = ["There is no such language here."]
    if errors:
        raise Invalid(fields=errors)
    user = User(
        id=new_id(),
        email=email,
        name=name,
        password=None,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        language=language,
        created_at=now,
        roles=[queries.role_by_name(session, role)],
    )
    session.add(user)
    session.flush()
    if team_id is not None:
        session.add(TeamMember(team_id=team_id, user_id=user.id))
    audit(session, actor_id=actor.user_id, action="user.added", subject_id=user.id, now=now, role=role.value)
    return user


def list_users(session: Session) -> Sequence[tuple[User, list[str]]]:
    """Everybody, with the names of their teams."""
    return queries.users_with_teams(session)


def sign_in_link(session: Session, user_id: UUID, *, now: datetime, hours: float = 24) -> str:
    """Make a link token that signs `user_id` in once within `hours`; only its hash is kept."""
    token = random_key()
    session.add(
        SignInLink(
            token_hash=_hash(token),
            user_id=user_id,
            expires_at=now + timedelta(hours=hours),
            used_at=None,
            created_at=now,
        )
    )
    return token


def peek_link(session: Session, token: str, now: datetime) -> tuple[UUID, str, str, str]:
    """Whom the link would sign in: (user id, e-mail, name, language). Changes nothing; raises NotFound when it is no
    good."""
    link = queries.link_by_hash(session, _hash(token), now)
    if link is None:
        raise NotFound
    user = queries.user_by_id(session, link.user_id)
    if not user.active:
        raise NotFound
    return user.id, user.email, user.name, user.language


def use_link(session: Session, token: str, now: datetime) -> UUID:
    """Use the link up and return the user id; of two people at once exactly one succeeds. Raises NotFound."""
    user_id, *_ = peek_link(session, token, now)
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == _hash(token), SignInLink.used_at.is_(None))
        .values(used_at=now)
        .returning(SignInLink.user_id)
    ).first()
    if used is None:
        raise NotFound
    audit(session, actor_id=user_id, action="user.signed_in_by_link", subject_id=user_id, now=now)
    return user_id


def change_profile(
    session: Session, user_id: UUID, *, name: str, language: str, now: datetime, email: str | None = None
) -> None:
    """Change one's own name, language and, when given, address. Raises Invalid with a message per field."""
    user = queries.user_by_id(session, user_id)
    errors: dict[str, list[str]] = {}
    if not one_line(name):
        errors["name"] = ["The name is missing."]
    if language not in LANGUAGES:
        errors["language"] = ["There is no such language here."]
    if email and email.strip().lower() != user.email.lower():
        if not _ADDRESS.fullmatch(email.strip()):
            errors["email"] = ["This is no e-mail address."]
        elif queries.user_by_email(session, email) is not None:
            errors["email"] = ["Somebody with this address is here already."]
    if errors:
        raise Invalid(fields=errors)
    user.name, user.language = one_line(name)[:120], language
    user.email = email.strip() if email else user.email
    audit(session, actor_id=user_id, action="user.changed", subject_id=user_id, now=now)


def set_password(session: Session, user_id: UUID, *, password_hash: str, now: datetime) -> None:
    """Store a password hash and end every other session of this user."""
    user = queries.user_by_id(session, user_id)
    user.password = password_hash
    user.fs_uniquifier = secrets.token_hex(32)
    audit(session, actor_id=user_id, action="user.password_changed", subject_id=user_id, now=now)


def renew_sessions(session: Session, user_id: UUID, *, now: datetime) -> None:
    """Sign the user out everywhere."""
    queries.user_by_id(session, user_id).fs_uniquifier = secrets.token_hex(32)
    audit(session, actor_id=user_id, action="user.signed_out_everywhere", subject_id=user_id, now=now)


def deactivate(session: Session, user_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Take somebody's access away at once. The last administrator stays (Conflict)."""
    require(actor, "user.edit")
    user = queries.user_by_id(session, user_id)
    if queries.strongest(user.roles) is RoleName.ADMIN and user.active and queries.active_admins(session) <= 1:
        raise Conflict("the last administrator cannot be taken away")
    user.active = False
    user.fs_uniquifier = secrets.token_hex(32)
    audit(session, actor_id=actor.user_id, action="user.deactivated", subject_id=user_id, now=now)


def _hash(token: str) -> bytes:
    """Tokens are 192 random bits: a plain SHA-256 is enough, there is nothing to guess."""
    return hashlib.sha256(token.encode()).digest()
