"""One mail as bytes to one mail as data: bounded in everything, and never with a guess where the mail says nothing."""

from __future__ import annotations

import re
from contextlib import suppress
from email import message_from_bytes
from email.message import Message
from html import unescape
from typing import Any

from voc.core.text import storable
from voc.process.parsing.headers import addresses, date, exact_addresses, ids, readable, unfolded
from voc.process.parsing.markup import text_of_html
from voc.process.parsing.reports import report
from voc.process.parsing.visible import visible
from voc.process.parsing.walk import Block, Found, walk

# Bytes of headers before the first empty line; characters of what is given back.
LONGEST_HEAD = 1_000_000
LONGEST_TEXT = 200_000
LONGEST_VISIBLE = 100_000
HEADERS_SIZE = 150_000

_NEEDED = frozenset({"from", "date", "message-id", "subject", "to", "received", "return-path", "sender"})
_TAGS = re.compile(r"<[^<>]*+>")
_SPACES = re.compile(r"\s++")
_FORWARDS = ("fw:", "fwd:", "rv:", "enc:", "tr:", "rve:", "reenv:")


def read_mail(raw: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """(the fields of `voc.plugin.Mail` as JSON can hold them, the bytes of its attachments in order).

    Raises ValueError with a sentence for people when this is no mail, or none that can be read.
    """
    if not raw.strip():
        raise ValueError("it is empty")
    head = min((at for at in (raw.find(b"\n\n"), raw.find(b"\r\n\r\n")) if at >= 0), default=len(raw))
    if head > LONGEST_HEAD:
        raise ValueError(f"its header is longer than {LONGEST_HEAD:,} bytes")
    message = message_from_bytes(raw)
    fields: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        fields.setdefault(name.lower(), []).append(value)
    if not fields.keys() & _NEEDED:
        raise ValueError("this is no mail: it has no header that mails have")
    found = walk(message)
    return _data(message, fields, found), [file.data for file in found.files if file.data is not None]


def _data(message: Message, fields: dict[str, list[str]], found: Found) -> dict[str, Any]:
    headers, cut = _headers(message)
    text, html = _readable(found.blocks)
    subject = headers.get("subject", "")[:1000]
    senders = addresses(fields.get("from", [])[:1]) or addresses(fields.get("sender", [])[:1])
    answered = ids(fields.get("in-reply-to", [])[:1])
    references = ids(fields.get("references", [])[:1])
    is_reply = bool(answered or references) and not subject.lower().startswith(_FORWARDS)
    said_now = storable(visible(text, reply=is_reply))
    said = report(message, found, text=text, sender=senders[0]["email"] if senders else "", subject=subject)
    return {
        "message_id": (ids(fields.get("message-id", [])[:1]) or [""])[0],
        "in_reply_to": answered,
        "references": references,
        "sender": senders[0] if senders else None,
        "reply_to": exact_addresses(fields.get("reply-to", [])[:1]),
        "to": addresses(fields.get("to", [])[:5]),
        "cc": addresses(fields.get("cc", [])[:5]),
        "subject": storable(subject.split("\n")[0]),
        "date": date(unfolded(fields["date"][0])) if "date" in fields else None,
        "text": storable(text)[:LONGEST_TEXT],
        "html": storable(html)[:LONGEST_TEXT],
        "visible": said_now[:LONGEST_VISIBLE],
        "attachments": [
            [storable(file.name), storable(file.kind), file.size, len(file.data or b"")] for file in found.files
        ],
        "headers": headers,
        "truncated": found.truncated or cut or len(text) >= LONGEST_TEXT or len(said_now) > LONGEST_VISIBLE,
        **said,
    }


def _headers(message: Message) -> tuple[dict[str, str], bool]:
    """Every header by name; several of one name joined by line breaks, in their order, which counts for trust."""
    headers: dict[str, str] = {}
    size = 0
    items = message.raw_items()
    for name, value in readable(items):
        size += len(name) + len(value)
        if size > HEADERS_SIZE:
            return headers, True
        clean = storable(value).replace("\n", " ")
        headers[name] = f"{headers[name]}\n{clean}" if name in headers else clean
    return headers, next(items, None) is not None


def _readable(blocks: list[Block]) -> tuple[str, str]:
    """(everything there is to read as plain text, the HTML as it came)."""
    texts: list[str] = []
    pages: list[str] = []
    for block in blocks:
        plain, html = "\n".join(block.plain), "\n".join(block.html)
        if html:
            pages.append(html)
        if not plain.strip() or _only_asks_for_html(plain, html):
            plain = text_of_html(html) if html else ""
        if not plain.strip() and block.rest:
            plain = _behind_the_limit(block.rest)
        if plain.strip():
            texts.append(plain.strip("\n"))
    return "\n\n".join(texts), "\n".join(pages)


def _behind_the_limit(rest: str) -> str:
    """The words of HTML that stand behind nothing but tags, without their layout."""
    plain = _TAGS.sub(" ", rest)[:LONGEST_TEXT]
    with suppress(ValueError):  # a number of thousands of digits
        plain = unescape(plain)
    return _SPACES.sub(" ", plain).strip()


def _only_asks_for_html(plain: str, html: str) -> bool:
    """Whether the plain version says no more than that one should look at the other."""
    return len(plain) < 400 and len(html) > 4 * len(plain) and "html" in plain.lower()
