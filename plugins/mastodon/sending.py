"""Answering: a reply to the mention, addressed to its author, never seen by more people than the mention itself."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from voc.plugin import Context, Misconfigured, Outbound, Sent, TryLater, Undeliverable

from .account import Account, account_of
from .client import Server, Trouble
from .reading import moment

# From the fewest readers to the most. Followers-only is not among them: an answer that is visible to *our* followers
# would show the customer's trouble to people who could not see it before.
READERS = ("direct", "unlisted", "public")
# A server remembers an idempotency key for an hour; a later repeat looks for the answer first.
KEY_LASTS = timedelta(minutes=45)
# Where the tries are kept in the channel's store, and how many.
STORED = "tries"
MOST_TRIES = 50
# How far the server's clock may be behind ours.
SKEW = timedelta(minutes=10)

_ADDRESS = re.compile(r"https?://\S+")
_FAR_NAME = re.compile(r"(?<![/\w])(@\w+)@[\w.-]+\w")


def send_reply(ctx: Context, message: Outbound) -> Sent:
    """Post the answer; a repeat under the same `message_id` gives the same status, not a second one."""
    target = message.reply_to
    identity, acct = str(target.get("status_id") or ""), str(target.get("acct") or "")
    if not identity or not acct:
        raise Undeliverable("it is not known which post this answers")
    text = f"@{acct} {message.text.strip()}".replace("\r\n", "\n")
    warning = str(target.get("spoiler_text") or "")
    try:
        server = Server(ctx)
        account = account_of(ctx, server)
    except Trouble as trouble:
        trouble.unsettled("The answer was not sent")
    fits(text, warning, account)
    tries = Tries(ctx, message.message_id)
    try:
        found = _earlier(server, account, identity, text, tries.first) if tries.key_is_over() else None
        if found is None:
            tries.remember()
            found = _post(server, message, text, warning, visibility_of(target.get("visibility"), ctx.options))
    except Trouble as trouble:
        raise _sorted(trouble) from trouble
    tries.forget()
    return Sent(found)


def _post(server: Server, message: Outbound, text: str, warning: str, visibility: str) -> str:
    posted = server.ask(
        server.api.status_post,
        text,
        in_reply_to_id=message.reply_to["status_id"],
        visibility=visibility,
        spoiler_text=warning or None,
        language=message.language or None,
        idempotency_key=message.message_id,
    )
    found = posted.get("id") if isinstance(posted, dict) else None
    if not isinstance(found, str) or not found:
        raise Trouble(f"{server.host} took the answer and did not say under which id")
    return found


def _sorted(trouble: Trouble) -> Exception:
    """What the host should make of it. Anything whose outcome is not known stays what it is, and is tried again."""
    status = trouble.status
    if status == 429:
        return TryLater(str(trouble), after=trouble.after)
    if status in (401, 403):
        return Misconfigured(f"{trouble}; check the access token and its scopes")
    if status is not None and 300 <= status < 400:
        return Misconfigured(f"{trouble}; check base_url")
    if trouble.gone:
        return Undeliverable(f"the post that this answers is gone: {trouble}")
    if trouble.spoken and status is not None and 400 <= status < 500 and status != 408:
        return Undeliverable(str(trouble))
    return trouble


def visibility_of(theirs: Any, options: Mapping[str, Any]) -> str:
    """Who may see the answer: what is wanted, and never more people than see the mention. Unknown means private."""
    wanted = options.get("visibility")
    most = READERS.index(theirs) if theirs in READERS else 0
    return READERS[min(most, READERS.index(wanted) if wanted in READERS else most)]


def fits(text: str, warning: str, account: Account) -> None:
    """Raise Undeliverable when the server would surely find it too long."""
    count = length(text, account.per_address) + length(warning, account.per_address)
    if count > account.characters:
        raise Undeliverable(
            f"the answer has {count} characters with the address of the customer, and {account.domain} takes at most "
            f"{account.characters}; shorten it by {count - account.characters}"
        )


def length(text: str, per_address: int) -> int:
    """Characters as a server counts them, rather too few than too many: it has the last word.

    A web address counts for a fixed number, of a far account only the name counts, and signs that join the one before
    them (accents, skin tones, halves of a flag) do not count.
    """
    shown = _FAR_NAME.sub(r"\1", _ADDRESS.sub("x" * per_address, text))
    joins = sum(
        unicodedata.category(sign) in ("Mn", "Me", "Cf") or "\U0001f3fb" <= sign <= "\U0001f3ff" for sign in shown
    )
    flags = sum("\U0001f1e6" <= sign <= "\U0001f1ff" for sign in shown)
    return len(shown) - joins - shown.count("\u200d") - flags // 2


class Tries:
    """When an answer was first tried, so that a late repeat can tell a lost answer from one that never arrived."""

    def __init__(self, ctx: Context, message_id: str) -> None:
        self._store = ctx.store
        self._name = hashlib.sha256(message_id.encode()).hexdigest()[:16]
        self._now = ctx.now() if ctx.now else None
        self.first = moment(self._stored().get(self._name))

    def key_is_over(self) -> bool:
        """Whether the server may have forgotten the idempotency key of the first try."""
        return self.first is not None and self._now is not None and self._now - self.first > KEY_LASTS

    def remember(self) -> None:
        """Remember that it is tried now, unless it was before."""
        if self._store is not None and self._now is not None and self.first is None:
            tries = {**self._stored(), self._name: self._now.isoformat()}
            # What nobody tried to the end must not fill the store: the oldest go.
            newest = sorted(tries, key=lambda name: str(tries[name]))[-MOST_TRIES:]
            self._store.set(STORED, {name: tries[name] for name in newest})

    def forget(self) -> None:
        """Forget it: the outcome is known."""
        tries = self._stored()
        if self._store is not None and tries.pop(self._name, None) is not None:
            self._store.set(STORED, tries or None)

    def _stored(self) -> dict[str, Any]:
        stored = self._store.get(STORED) if self._store is not None else None
        return dict(stored) if isinstance(stored, dict) else {}


def _earlier(server: Server, account: Account, identity: str, text: str, first: datetime | None) -> str | None:
    """The id of our reply of an earlier try, None when there is none. Raises Trouble when that cannot be seen."""
    try:
        context = server.ask(server.api.status_context, identity)
    except Trouble as trouble:
        if trouble.gone:
            return None
        raise
    replies = context.get("descendants") if isinstance(context, dict) else None
    for reply in replies if isinstance(replies, list) else []:
        if _may_be(reply, account, identity, first) and _source(server, reply["id"]) == text:
            return str(reply["id"])
    return None


def _may_be(reply: Any, account: Account, identity: str, first: datetime | None) -> bool:
    """Whether this is a reply of ours that is not older than the first try."""
    if not isinstance(reply, dict) or not isinstance(reply.get("account"), Mapping):
        return False
    at = moment(reply.get("created_at"))
    ours = reply["account"].get("id") == account.id and reply.get("in_reply_to_id") == identity
    return ours and (first is None or at is None or at >= first - SKEW)


def _source(server: Server, identity: str) -> str:
    """The text of one of our posts as it was sent."""
    source = server.ask(server.api.status_source, identity)
    return str(source.get("text") or "").strip() if isinstance(source, dict) else ""
