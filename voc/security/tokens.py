"""API tokens: random, shown once, kept as a hash, with scopes and a channel of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import Invalid, NotFound
from voc.core.ids import new_id, random_code, random_key
from voc.core.text import fold, one_line
from voc.core.vocabulary import Scope
from voc.model import ApiToken, Channel
from voc.security import queries

PREFIX = "voc_"


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token that may come in. `scopes` are the words of `Scope`."""

    id: UUID
    name: str
    scopes: frozenset[str]
    channel_id: UUID

    def may(self, scope: Scope) -> bool:
        """Whether the token has `scope`; `admin` has all."""
        return scope.value in self.scopes or Scope.ADMIN.value in self.scopes


def add(session: Session, *, name: str, scopes: Sequence[str], now: datetime, actor_id: UUID | None = None) -> str:
    """Make a token and its channel; returns the token, which is shown once. Raises Invalid for wrong scopes."""
    name = one_line(name)[:120]
    known = {scope.value for scope in Scope}
    wrong = [scope for scope in scopes if scope not in known]
    if wrong or not scopes:
        raise Invalid(fields={"scopes": [f"must be among {', '.join(sorted(known))}"]})
    if not name:
        raise Invalid(fields={"name": ["The name is missing."]})
    channel = Channel(
        id=new_id(),
        kind="api",
        name=name,
        slug=f"api-{_slug(name)}-{random_code(5).lower()}",
        key=random_key(),
        options={},
        secrets=None,
        form=None,
        form_version=0,
        active=True,
        health="ok",
        health_text=None,
        created_at=now,
    )
    session.add(channel)
    session.flush()
    token = PREFIX + random_key(30)
    row = ApiToken(
        id=new_id(),
        name=name,
        token_hash=_hash(token),
        scopes=sorted(set(scopes)),
        channel_id=channel.id,
        created_at=now,
        revoked_at=None,
    )
    session.add(row)
    audit(session, actor_id=actor_id, action="token.added", subject_id=row.id, now=now, scopes=sorted(set(scopes)))
    return token


def find(session: Session, token: str) -> TokenView | None:
    """The token's view, None when it is unknown or revoked."""
    row = queries.token_by_hash(session, _hash(token))
    if row is None:
        return None
    return TokenView(id=row.id, name=row.name, scopes=frozenset(row.scopes), channel_id=row.channel_id)


def revoke(session: Session, token_id: UUID, *, now: datetime, actor_id: UUID | None = None) -> None:
    """Take the token's access away; raises NotFound."""
    row = session.get(ApiToken, token_id)
    if row is None or row.revoked_at is not None:
        raise NotFound
    row.revoked_at = now
    audit(session, actor_id=actor_id, action="token.revoked", subject_id=token_id, now=now)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _slug(name: str) -> str:
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in fold(name))
    return "-".join(part for part in plain.split("-") if part)[:30] or "token"
