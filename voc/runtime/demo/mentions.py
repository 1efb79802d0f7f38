"""The mentions of the demo, as the server of the network gives them. Pure: a voice gives the same status always."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from voc.runtime.demo.data import Voice

STATUS = "application/vnd.mastodon.status+json"
EDIT = "application/vnd.mastodon.edit+json"
DELETED = "application/vnd.mastodon.deleted+json"

_NAME = re.compile(r"@([A-Za-z0-9_]+)")


def status_id(name: str) -> str:
    """The id of a status: of a voice by its key, of an answer by another name."""
    return str(10**17 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:7]) % 10**16)


def who_we_are(handle: str) -> dict[str, str]:
    """The headers of a receipt: our own account as its server knows it; `handle` as `@name@domain`."""
    _, name, domain = handle.split("@")
    return {"own-id": status_id(handle), "own-username": name, "own-domain": domain}


def status(voice: Voice, *, ours: str, at: datetime, edited_at: datetime | None = None, answers: str = "") -> bytes:
    """A mention of `ours` written at `at`; with `edited_at` its later version. `answers` is the id of a status."""
    text = (voice.edited or {})["text"] if edited_at is not None else voice.text or ""
    public: Mapping[str, Any] = voice.public or {}
    identity, account = status_id(voice.key), _account(voice.handle or "", ours)
    return _written(
        {
            "id": identity,
            "created_at": _stamp(at),
            "edited_at": _stamp(edited_at) if edited_at is not None else None,
            "in_reply_to_id": answers or None,
            "visibility": public["visibility"],
            "language": voice.language,
            "url": f"{account['url']}/{identity}",
            "content": _html(text, ours),
            "spoiler_text": "",
            "reblogs_count": public["boosts"],
            "favourites_count": public["favourites"],
            "replies_count": 0,
            "media_attachments": [],
            "mentions": [_account(ours, ours)],
            "account": {**account, "display_name": voice.name or "", "followers_count": public["followers"]},
        }
    )


def deleted(voice: Voice) -> bytes:
    """That a status is gone."""
    return _written({"id": status_id(voice.key)})


def _account(handle: str, ours: str) -> dict[str, Any]:
    _, name, domain = handle.split("@")
    here = domain == ours.rpartition("@")[2]
    return {
        "id": status_id(handle),
        "username": name,
        "acct": name if here else f"{name}@{domain}",
        "url": f"https://{domain}/@{name}",
        "bot": False,
    }


def _html(text: str, ours: str) -> str:
    """The text as the network shows it: a paragraph, every name a link."""
    domain = ours.rpartition("@")[2]
    link = rf'<span class="h-card"><a href="https://{domain}/@\1" class="u-url mention">@<span>\1</span></a></span>'
    return f"<p>{_NAME.sub(link, escape(text, quote=False)).replace(chr(10), '<br>')}</p>"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()
