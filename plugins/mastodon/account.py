"""Which account this is and what its server allows: asked once a day and kept in the channel's store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from voc.plugin import Context

from .client import Server, Trouble

STORED = "account"
KEPT = timedelta(days=1)
# What Mastodon allows unless the server says otherwise: characters of a post, and what any address counts for.
CHARACTERS = 500
PER_ADDRESS = 23


@dataclass(frozen=True, slots=True)
class Account:
    """Our own account: its id, name and domain, and how long a post may be."""

    id: str
    username: str
    domain: str
    characters: int = CHARACTERS
    per_address: int = PER_ADDRESS
    version: str = ""


def account_of(ctx: Context, server: Server, *, fresh: bool = False) -> Account:
    """The account that the token belongs to, from the store unless `fresh` or a day old. Raises Trouble."""
    parts = (server.base_url, server.api.access_token, *Account.__slots__)
    mark = hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
    now = ctx.now() if ctx.now else None
    kept = None if fresh or ctx.store is None else ctx.store.get(STORED)
    if isinstance(kept, dict) and kept.get("mark") == mark and _is_fresh(kept["at"], now):
        return Account(**kept["account"])
    account = _ask(server)
    if ctx.store is not None and now is not None:
        known = {name: getattr(account, name) for name in Account.__slots__}
        ctx.store.set(STORED, {"mark": mark, "at": now.isoformat(), "account": known})
    return account


def _is_fresh(at: str, now: datetime | None) -> bool:
    return now is not None and timedelta() <= now - datetime.fromisoformat(at) < KEPT


def _ask(server: Server) -> Account:
    me = server.ask(server.api.account_verify_credentials)
    if not isinstance(me, dict) or not isinstance(me.get("id"), str) or not isinstance(me.get("username"), str):
        raise Trouble(f"{server.host} does not say whose token this is")
    about = _instance(server)
    limits = _part(_part(about, "configuration"), "statuses")
    return Account(
        id=me["id"],
        username=me["username"],
        domain=_domain(about) or server.host,
        characters=_number(limits.get("max_characters"), CHARACTERS),
        per_address=_number(limits.get("characters_reserved_per_url"), PER_ADDRESS),
        version=str(about.get("version") or "")[:60],
    )


def _instance(server: Server) -> dict[str, Any]:
    """What the server says of itself, in the newer or the older form; nothing when it says nothing."""
    for call in (server.api.instance_v2, server.api.instance_v1):
        try:
            about = server.ask(call)
        except Trouble as trouble:
            if trouble.status is None or trouble.status >= 500 or trouble.status == 429:
                raise
            continue
        if isinstance(about, dict):
            return about
    return {}


def _domain(about: dict[str, Any]) -> str:
    """The part of our handles after the @: `domain`, or `uri` in the older form, which some servers write as an URL."""
    name = str(about.get("domain") or about.get("uri") or "")
    return name.split("://")[-1].strip("/").lower()


def _part(data: dict[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise
