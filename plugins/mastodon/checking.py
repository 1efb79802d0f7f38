"""Trying the account of a channel, for *test connection*."""

from __future__ import annotations

from urllib.parse import urlsplit

from voc.plugin import Context, Health, Misconfigured, TryLater

from .account import Account, account_of
from .client import Server, Trouble

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def try_account(ctx: Context) -> Health:
    """Ask the server whose token this is, and whether it may read mentions and answer."""
    try:
        server = Server(ctx)
        account = account_of(ctx, server, fresh=True)
        server.ask(server.api.notifications, types=["mention"], limit=1)
        scopes = _scopes(server)
    except Trouble as trouble:
        return Health("failing", f"{str(trouble).rstrip('.')}.{_advice(trouble)}")
    except (Misconfigured, TryLater) as error:
        return Health("failing", f"{error}.")
    said = f"Connected to {account.domain} as @{account.username}. {_limit(account)}"
    if scopes is not None and not scopes & {"write", "write:statuses"}:
        return Health("warning", f"{said} The token may not answer: it lacks the scope write:statuses.")
    if server.base_url.startswith("http://") and urlsplit(server.base_url).hostname not in LOOPBACK:
        return Health("warning", f"{said} The connection is not encrypted: use https.")
    return Health("ok", said)


def _scopes(server: Server) -> set[str] | None:
    """What the token may do, None when the server does not tell (before 4.3)."""
    try:
        about = server.ask(server.api.app_verify_credentials)
    except Trouble:
        return None
    scopes = about.get("scopes") if isinstance(about, dict) else None
    return {str(scope) for scope in scopes} if isinstance(scopes, list) else None


def _limit(account: Account) -> str:
    return f"An answer may have up to {account.characters} characters, the address of the customer included."


def _advice(trouble: Trouble) -> str:
    """What to do about it."""
    if trouble.status in (401, 403):
        return " Check the access token and its scopes."
    if trouble.status is not None and trouble.status < 429:
        return " Check base_url."
    return " It is tried again by itself."
