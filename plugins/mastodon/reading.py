"""What a stored status says. Pure: the same status gives the same items, today and after a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from voc.plugin import Author, Deleted, Edited, Ignored, Inbound, Raw, ReadItem, Robot, View

# The first version that we saw of a status, a later one, and that it is gone.
STATUS = "application/vnd.mastodon.status+json"
EDIT = "application/vnd.mastodon.edit+json"
DELETED = "application/vnd.mastodon.deleted+json"
# Headers of a receipt: the account that was mentioned, as its server knew it then.
OWN_ID = "own-id"
OWN_NAME = "own-username"
OWN_DOMAIN = "own-domain"

PUBLIC = ("public", "unlisted")
MOST_FILES = 16
MOST_WORDS = 1500
_ACCT = re.compile(r"[^\s@]+(?:@[^\s@]+)?")
_MENTION = re.compile(r"\s*@([\w.-]*\w)(?:@([\w.-]*\w))?[,:;]?(?=\s|$)")


def read_status(view: View, raw: Raw) -> Iterator[ReadItem]:
    """The items in one receipt; raises ValueError when it is not what `fetch` stores."""
    status = view.json(raw)
    identity = status.get("id") if isinstance(status, dict) else None
    if not isinstance(identity, str) or not identity or not identity.isprintable():
        raise ValueError("this is not a status: it has no id")
    if raw.content_type == DELETED:
        yield Deleted(identity)
        return
    account = status.get("account")
    if not isinstance(account, dict) or not isinstance(account.get("acct"), str):
        raise ValueError("this is not a status: it has no account")
    if account.get("id") == raw.headers.get(OWN_ID):
        yield Ignored("this is our own post")
    elif account.get("bot") is True:
        yield Robot("the account says that it is automated")
    else:
        if raw.content_type != EDIT:
            yield _inbound(view, raw, status, account)
        edited_at = moment(status.get("edited_at"))
        # Also of what is new to us: it may have been seen so long ago that nobody watched it any more.
        if raw.content_type == EDIT or edited_at is not None:
            yield Edited(identity, text_of(view, raw, status), edited_at)


def _inbound(view: View, raw: Raw, status: Mapping[str, Any], account: Mapping[str, Any]) -> Inbound:
    visibility = str(status.get("visibility") or "direct")
    answered = status.get("in_reply_to_id")
    acct = account["acct"]
    return Inbound(
        external_id=status["id"],
        text=text_of(view, raw, status),
        language=language_of(status.get("language")),
        sent_at=moment(status.get("created_at")),
        author=author_of(account, raw.headers.get(OWN_DOMAIN, "")),
        facts=facts_of(status, account, visibility),
        thread=(answered,) if isinstance(answered, str) and answered else (),
        reply_to={
            "status_id": status["id"],
            "acct": acct,
            "visibility": visibility,
            "spoiler_text": _words(status.get("spoiler_text")),
        }
        if _ACCT.fullmatch(acct)
        else None,
        reach=_count(account.get("followers_count")) if visibility in PUBLIC else None,
    )


def text_of(view: View, raw: Raw, status: Mapping[str, Any]) -> str:
    """The customer's words, a content warning first, without the address to us at the beginning.

    A status that is nothing but the address (with a picture, say) keeps it: somebody has to look at it.
    """
    html = status.get("content")
    whole = view.text_of_html(html.replace("\0", "")).strip() if isinstance(html, str) else ""
    ours = _our_names(raw, status)
    text = without_address(whole, ours) if ours else whole
    warning = _words(status.get("spoiler_text")).strip()
    return "\n\n".join(part for part in (warning, text) if part) or whole or f"@{raw.headers.get(OWN_NAME, '')}"


def _our_names(raw: Raw, status: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(name, domain) by which the status may address us, lower case; nothing when it does not mention us."""
    name, domain = raw.headers.get(OWN_NAME, "").lower(), raw.headers.get(OWN_DOMAIN, "").lower()
    mentions = status.get("mentions")
    for mention in mentions if isinstance(mentions, list) else []:
        if isinstance(mention, dict) and mention.get("id") == raw.headers.get(OWN_ID) and name:
            return {(name, ""), (name, domain)}
    return set()


def without_address(text: str, ours: set[tuple[str, str]]) -> str:
    """`text` without our own names among the accounts that it begins with; others stay."""
    at, kept = 0, []
    while found := _MENTION.match(text, at):
        if (found[1].lower(), (found[2] or "").lower()) not in ours:
            kept.append(found[0].strip())
        at = found.end()
    return " ".join([*kept, text[at:].strip()]).strip()


def author_of(account: Mapping[str, Any], domain: str) -> Author:
    """Who wrote. The server proved who it was, so the handle is verified; a name alone is only what they call it."""
    acct = account["acct"]
    handle = None
    if _ACCT.fullmatch(acct) and (domain or "@" in acct):
        handle = f"@{acct}" if "@" in acct else f"@{acct}@{domain}"
    if handle is not None and len(handle) > 320:
        handle = None
    name = _words(account.get("display_name")).strip() or acct
    return Author(name=" ".join(name.split())[:200], handle=handle, verified=handle is not None)


def facts_of(status: Mapping[str, Any], account: Mapping[str, Any], visibility: str) -> dict[str, Any]:
    """What is known beside the words. Counts are those of the moment when the status was first seen."""
    facts = {
        "visibility": visibility,
        "url": _words(status.get("url")),
        "followers": _count(account.get("followers_count")),
        "reblogs": _count(status.get("reblogs_count")),
        "favourites": _count(status.get("favourites_count")),
        "replies": _count(status.get("replies_count")),
        "media": [*_media(status.get("media_attachments"))],
        "poll": _poll(status.get("poll")),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _media(files: Any) -> Iterator[dict[str, str]]:
    for file in files[:MOST_FILES] if isinstance(files, list) else []:
        if isinstance(file, dict):
            known = {name: _words(file.get(name)) for name in ("type", "url", "description")}
            yield {name: text for name, text in known.items() if text}


def _poll(poll: Any) -> list[str]:
    """What can be chosen in a poll."""
    choices = poll.get("options") if isinstance(poll, dict) else None
    titles = [_words(item.get("title")) for item in choices or [] if isinstance(item, dict)]
    return titles[:MOST_FILES]


def language_of(value: Any) -> str | None:
    """The language without its region (`pt-BR` is `pt`), None when there is none."""
    first = value.split("-")[0].lower() if isinstance(value, str) else ""
    return first if first.isalpha() and first.isascii() and len(first) in (2, 3) else None


def moment(value: Any) -> datetime | None:
    """A time with its zone, None when it is none: the words count, whatever their date looks like."""
    with suppress(ValueError, TypeError):
        found = datetime.fromisoformat(value)
        return found if found.tzinfo else None
    return None


def _count(value: Any) -> int | None:
    """A count, None when the server does not say (some hide it as -1) or says what no count can be."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _words(value: Any) -> str:
    return value[:MOST_WORDS].replace("\0", "") if isinstance(value, str) else ""
