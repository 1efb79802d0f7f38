"""Who calls: the bearer token of a request, looked up once and remembered for a few seconds.

The memory makes the hot path cheap; its lifetime is how long a revoked token still works in this process.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from flask import current_app, g, request

from voc.api.problems import Problem
from voc.core.vocabulary import RoleName, Scope
from voc.db import Database
from voc.intake.queries import channel_by_id
from voc.security import tokens
from voc.security.access import Actor
from voc.security.tokens import TokenView

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LIFETIME = 5.0  # seconds
MOST = 1000  # tokens remembered
_LONGEST = 200  # characters of a token

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Caller:
    """A token that was let in, and the public name of its channel."""

    token: TokenView
    slug: str
    channel_active: bool

    def actor(self) -> Actor:
        """Who acts in services: a manager without a person and without teams."""
        return Actor(user_id=None, role=RoleName.MANAGER, team_ids=frozenset(), name=self.token.name)


class Callers:
    """Finds callers by token. Threads share one; only tokens that exist are remembered."""

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._known: dict[bytes, tuple[float, Caller]] = {}

    def find(self, token: str) -> Caller | None:
        """The caller with this token, None when it is unknown or revoked; raises Busy."""
        key = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(key)
        now = self._monotonic()
        if known is not None and known[0] > now:
            return known[1]
        caller = self._look_up(token)
        if caller is None:
            self._known.pop(key, None)
            return None
        if len(self._known) >= MOST:
            self._known = {}
        self._known[key] = (now + LIFETIME, caller)
        return caller

    def _look_up(self, token: str) -> Caller | None:
        with self._database.reading() as session:
            view = tokens.find(session, token)
            if view is None:
                return None
            channel = channel_by_id(session, view.channel_id)
            return Caller(view, channel.slug, channel.active)


def admit(environ: WSGIEnvironment, scope: Scope) -> Caller:
    """The caller of this request; raises Problem 401 without a valid token, 403 when it lacks `scope`."""
    kind, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token:
        raise Problem(
            401,
            "token_missing",
            "Send the header Authorization: Bearer followed by an API token.",
            headers={"WWW-Authenticate": 'Bearer realm="voc"'},
        )
    callers = cast(Callers, current_app.extensions["voc_callers"])
    caller = callers.find(token) if len(token) <= _LONGEST else None
    if caller is None:
        raise Problem(
            401,
            "token_invalid",
            "This API token is unknown or was revoked.",
            headers={"WWW-Authenticate": 'Bearer realm="voc", error="invalid_token"'},
        )
    if not caller.token.may(scope):
        raise Problem(
            403,
            "scope_missing",
            f"This API token lacks the scope {scope}.",
            headers={"WWW-Authenticate": f'Bearer realm="voc", error="insufficient_scope", scope="{scope}"'},
        )
    return caller


def needs(scope: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for callers with `scope`; `caller()` is then who it is."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            g.caller = admit(request.environ, scope)
            return view(*args, **kwargs)

        return guarded

    return decorate


def caller() -> Caller:
    """Who calls the view that `needs` guards."""
    return cast(Caller, g.caller)
