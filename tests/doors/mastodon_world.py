"""What a Mastodon server knows: accounts, statuses, notifications, in the shapes that its API documents.

Written after the public API documentation (entities Account, Status, Notification, Instance, CredentialAccount).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import escape
from threading import RLock
from typing import Any

TOKEN = "token-of-the-brand"
DOMAIN = "mastodon.example"
LIMIT = 500


class NotThere(Exception):
    """No such record, or none that this account may see."""


class Invalid(Exception):
    """The server's validation refuses it, with these words."""


class World:
    """One server with a brand's account on it; `now` stands until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)) -> None:
        self.lock = RLock()
        self.now = now
        self.accounts: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, str] = {}
        self.notifications: list[dict[str, Any]] = []
        self.by_key: dict[str, tuple[datetime, str]] = {}
        self._last = 0
        self.brand = self.account("aurora")

    def forward(self, **amount: float) -> None:
        """Move the clock on."""
        self.now += timedelta(**amount)

    def stamp(self) -> str:
        """The time as the API writes it."""
        return f"{self.now:%Y-%m-%dT%H:%M:%S}.{self.now.microsecond // 1000:03d}Z"

    def new_id(self) -> str:
        """An id that grows with time."""
        self._last = max(self._last + 1, int(self.now.timestamp() * 1000) << 16)
        return str(self._last)

    def account(self, acct: str, **changes: Any) -> dict[str, Any]:
        """An account, made when it is not there; `acct` has a host when it is of another server."""
        if acct not in self.accounts:
            name, _, host = acct.partition("@")
            self.accounts[acct] = {
                "id": str(1000 + len(self.accounts)),
                "username": name,
                "acct": acct,
                "display_name": name.title(),
                "locked": False,
                "bot": False,
                "group": False,
                "created_at": "2020-01-01T00:00:00.000Z",
                "note": "<p></p>",
                "url": f"https://{host or DOMAIN}/@{name}",
                "uri": f"https://{host or DOMAIN}/users/{name}",
                "avatar": f"https://{DOMAIN}/missing.png",
                "followers_count": 12,
                "following_count": 3,
                "statuses_count": 40,
                "last_status_at": "2026-03-04",
                "emojis": [],
                "fields": [],
            }
        self.accounts[acct].update(changes)
        return self.accounts[acct]

    def mention(self, text: str, *, by: str = "ana@far.example", **changes: Any) -> dict[str, Any]:
        """Somebody mentions the brand: a status and its notification."""
        with self.lock:
            status = self.post(f"@aurora {text}", by=by, **changes)
            self.notify(status)
            return status

    def notify(self, status: dict[str, Any] | None, kind: str = "mention", **changes: Any) -> dict[str, Any]:
        """A notification for the brand."""
        with self.lock:
            note = {
                "id": str(34_000_000 + len(self.notifications)),
                "type": kind,
                "created_at": self.stamp(),
                "group_key": f"ungrouped-{len(self.notifications)}",
                "account": (status or {}).get("account", self.account("ana@far.example")),
                "status": status,
                **changes,
            }
            self.notifications.append(note)
            return note

    def post(self, text: str, *, by: str, **changes: Any) -> dict[str, Any]:
        """A status of somebody."""
        account = self.account(by)
        identity = self.new_id()
        status = {
            "id": identity,
            "created_at": self.stamp(),
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "es",
            "uri": f"{account['uri']}/statuses/{identity}",
            "url": f"{account['url']}/{identity}",
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
            "edited_at": None,
            "content": self.html(text),
            "reblog": None,
            "application": None,
            "account": account,
            "media_attachments": [],
            "mentions": self.mentions(text),
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
            **changes,
        }
        self.statuses[identity] = status
        self.sources[identity] = text
        return status

    def edit(self, identity: str, text: str, **changes: Any) -> None:
        """Its author edits a status; nobody is told."""
        with self.lock:
            self.forward(seconds=1)
            new = {"content": self.html(text), "edited_at": self.stamp(), "mentions": self.mentions(text), **changes}
            self.statuses[identity] = {**self.statuses[identity], **new}
            self.sources[identity] = text
            self._renew(identity)

    def delete(self, identity: str) -> None:
        """Its author deletes a status: its notification goes too, and nobody is told."""
        with self.lock:
            del self.statuses[identity]
            self.notifications = [
                note for note in self.notifications if not note["status"] or note["status"]["id"] != identity
            ]

    def _renew(self, identity: str) -> None:
        for note in self.notifications:
            if note["status"] and note["status"]["id"] == identity:
                note["status"] = self.statuses[identity]

    def mentions(self, text: str) -> list[dict[str, Any]]:
        """Whom a text mentions, as far as this server knows them."""
        names = [name.rstrip(".") for name in re.findall(r"@([\w.]+(?:@[\w.-]+\w)?)", text)]
        known = [self.accounts[name] for name in dict.fromkeys(names) if name in self.accounts]
        return [{name: account[name] for name in ("id", "username", "url", "acct")} for account in known]

    def html(self, text: str) -> str:
        """A text as the server renders it: mentions and addresses are links, lines are paragraphs."""

        def linked(match: re.Match[str]) -> str:
            account = self.accounts.get(match[1])
            if account is None:
                return match[0]
            return (
                f'<span class="h-card" translate="no"><a href="{account["url"]}" class="u-url mention">@<span>'
                f"{account['username']}</span></a></span>"
            )

        parts = [re.sub(r"@([\w.]+(?:@[\w.-]+\w)?)", linked, escape(part, quote=False)) for part in text.split("\n\n")]
        return "".join(f"<p>{part}</p>".replace("\n", "<br />") for part in parts)

    def answer(self, form: dict[str, str], key: str | None) -> dict[str, Any]:
        """POST /api/v1/statuses: the brand posts. Raises Invalid or NotThere."""
        with self.lock:
            if key in self.by_key and self.now - self.by_key[key][0] < timedelta(hours=1):
                return self.statuses[self.by_key[key][1]]
            text, target = form.get("status", ""), form.get("in_reply_to_id")
            if not text:
                raise Invalid("Validation failed: Text can't be blank")
            if len(text) + len(form.get("spoiler_text", "")) > LIMIT:
                raise Invalid(f"Validation failed: Text character limit of {LIMIT} exceeded")
            if target and target not in self.statuses:
                raise NotThere("Record not found")
            kept = {name: form[name] for name in ("visibility", "language", "spoiler_text") if name in form}
            status = self.post(text, by="aurora", in_reply_to_id=target, **kept)
            if key:
                self.by_key[key] = (self.now, status["id"])
            return status

    def answers(self) -> list[dict[str, Any]]:
        """What the brand has posted."""
        return [status for status in self.statuses.values() if status["account"]["acct"] == "aurora"]
