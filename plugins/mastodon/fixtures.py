"""What the conformance kit needs to know of Mastodon: statuses as the API gives them, and a server on loopback."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from voc.plugin import Author, Deleted, Inbound, Raw
from voc.testkit import NOW, Answer, Asked, Fixtures, HttpVendor, Said, Sample

from .reading import DELETED, EDIT, OWN_DOMAIN, OWN_ID, OWN_NAME, STATUS

TOKEN = "token-of-the-fixtures"  # noqa: S105  (of a server that lives for a second)
OWN = {OWN_ID: "1", OWN_NAME: "aurora", OWN_DOMAIN: "mastodon.example"}
ACCOUNT = {"id": "1", "username": "aurora", "acct": "aurora", "display_name": "Aurora", "bot": False}
# Ids of a server grow with time; whatever the kit calls something is a part of them.
FIRST = 112_000_000_000_000_000

SEEN = {
    "id": "112", "created_at": "2026-03-03T09:30:00.000Z", "content": "<p>@aurora muy <b>caro</b></p>",
    "visibility": "direct", "mentions": [], "account": {"id": "9", "acct": "ana@far.example", "display_name": "Ana"},
}  # fmt: skip


def status(said: Said) -> dict[str, Any]:
    """A mention as the server writes it: HTML, with a link where the brand is addressed."""
    lines = escape(said.text or "", quote=False).replace("\n", "<br />")
    name = said.author.name if said.author else "Ana"
    mention = '<span class="h-card"><a href="https://mastodon.example/@aurora" class="u-url mention">@<span>aurora'
    return {
        "id": said.id,
        "created_at": _stamp(said.sent_at or NOW),
        "edited_at": _stamp(said.edited) if said.edited else None,
        "in_reply_to_id": said.answers,
        "visibility": "public",
        "language": "es",
        "spoiler_text": "",
        "content": f"<p>{mention}</span></a></span> {lines}</p>",
        "mentions": [{"id": "1", "username": "aurora", "acct": "aurora"}],
        "media_attachments": [],
        "account": {"id": "9", "acct": "ana@far.example", "display_name": name, "bot": False, "followers_count": 3},
    }


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


class Server(HttpVendor):
    """As much of the API as the channel asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}

    @property
    def options(self) -> dict[str, Any]:
        """Where it is."""
        return {"base_url": self.url, "access_token": TOKEN, "start_days": 7}

    def put(self, said: Said) -> None:
        """Somebody mentions the brand."""
        note = {"id": str(FIRST + len(self.notes)), "type": "mention", "created_at": _stamp(NOW - timedelta(hours=1))}
        self.notes.append({**note, "status": status(said)})

    def reset(self) -> None:
        """Never asked for: see `cannot`."""
        self.notes.clear()

    def answer(self, asked: Asked) -> Answer:
        """What the API answers."""
        path = asked.path.removeprefix("/api/v1/")
        if asked.path == "/api/v2/instance":
            limits = {"max_characters": 500, "characters_reserved_per_url": 23}
            return Answer({"domain": "mastodon.example", "version": "4.3.2", "configuration": {"statuses": limits}})
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"error": "The access token is invalid"}, 401)
        if path.endswith("verify_credentials"):
            return Answer({**ACCOUNT, "scopes": ["read", "write"]})
        if path == "notifications":
            return Answer(self._notifications(asked))
        if path == "statuses" and asked.method == "POST":
            return self._posted(asked)
        known = {note["status"]["id"]: note["status"] for note in self.notes}
        if path == "statuses":
            return Answer([known[identity] for identity in asked.query.get("id[]", []) if identity in known])
        if path.removeprefix("statuses/") in known:
            return Answer(known[path.removeprefix("statuses/")])
        return Answer({"error": "Record not found"}, 404)

    def _notifications(self, asked: Asked) -> list[dict[str, Any]]:
        """`min_id` gives those right after it, the others bound the newest; newest first."""
        query = {name: values[0] for name, values in asked.query.items()}
        low, high = int(query.get("min_id") or query.get("since_id") or 0), int(query.get("max_id") or 10**20)
        found = [note for note in self.notes if low < int(note["id"]) < high]
        limit = int(query.get("limit") or 40)
        return (found[:limit] if "min_id" in query else found[-limit:])[::-1]

    def _posted(self, asked: Asked) -> Answer:
        form, key = dict(parse_qsl(asked.body.decode())), asked.headers.get("idempotency-key", "")
        if key not in self.answers:
            self.answers[key] = {"id": str(FIRST * 2 + len(self.answers)), "content": form["status"]}
            self.take(key, form["status"])
        return Answer(self.answers[key])


class MastodonFixtures(Fixtures):
    """One account of the brand."""

    options = {"base_url": "https://mastodon.example", "access_token": TOKEN}
    samples = (
        Sample(
            json.dumps(SEEN).encode(),
            STATUS,
            (
                Inbound(
                    "112",
                    "@aurora muy caro",
                    sent_at=datetime(2026, 3, 3, 9, 30, tzinfo=UTC),
                    author=Author(name="Ana", handle="@ana@far.example", verified=True),
                    facts={"visibility": "direct"},
                    reply_to={
                        "status_id": "112",
                        "acct": "ana@far.example",
                        "visibility": "direct",
                        "spoiler_text": "",
                    },
                ),
            ),
            OWN,
        ),
        Sample(b'{"id": "112"}', DELETED, (Deleted("112"),), OWN),
    )
    cannot = {
        "score": "nobody gives a score in a post",
        "no-id": "every status has an id of its server",
        "attachments": "media of a status are links, kept as facts, and no files",
        "cursor-overrun": "ids of Mastodon are made of the time and are never given again",
    }

    def raw(self, said: Said) -> Raw:
        """One version of a status, as `fetch` stores it."""
        if said.deleted:
            return Raw(json.dumps({"id": said.id}).encode(), DELETED, NOW, OWN, f"deleted:{said.id}")
        kind = EDIT if said.edited else STATUS
        return Raw(json.dumps(status(said)).encode(), kind, NOW, OWN, f"mention:{said.id}")

    def vendor(self) -> AbstractContextManager[Server]:
        """The server, running."""
        return Server.running()
