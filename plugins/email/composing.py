"""The answer as a mail: plain text, in its thread, and nothing in its header that anybody could have smuggled in."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Any

from voc.plugin import Misconfigured, Outbound, Undeliverable

from .settings import text
from .subjects import bare

# References of a thread: the first and the last ones, as much as every server takes.
MOST_REFERENCES = 20
LONGEST_ADDRESS = 320

_FOLD = "\r\n "
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_ID = re.compile(r"[^<>\s\x00-\x1f\x7f]{1,250}")
_LOCAL = re.compile(r"[^\s<>()\[\]\\,;:@\"\x00-\x1f\x7f]{1,64}")
_DOMAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ]+")


def address(value: str) -> str | None:
    """`value` with its domain in ASCII (IDNA), fit for the envelope; None when it is no address."""
    local, _, domain = value.strip().rpartition("@")
    try:
        plain = domain.encode("idna").decode("ascii") if 0 < len(value) <= LONGEST_ADDRESS else ""
        local.encode("utf-8")
    except UnicodeError:
        return None
    return f"{local}@{plain}" if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(plain) else None


def compose(options: Mapping[str, Any], message: Outbound, *, now: datetime) -> tuple[bytes, str, str]:
    """(the mail, sender, recipient); raises Misconfigured without a sender, Undeliverable without a recipient.

    Everything but `now` follows from the arguments, so a repeat is the same mail under the same Message-ID.
    """
    sender = address(text(options, "from_address"))
    if sender is None:
        raise Misconfigured("this channel has no from_address that is a mail address")
    recipient = address(str(message.reply_to.get("to") or ""))
    if recipient is None:
        raise Undeliverable("the customer left no mail address that can be written to")
    answered, references = _thread(message)
    headers = [
        ("From", _from(text(options, "from_name"), sender)),
        ("To", recipient),
        ("Subject", _encoded("Subject", _subject(message))),
        ("Date", format_datetime(now)),
        ("Message-ID", _identity(message.message_id)),
        ("In-Reply-To", answered),
        ("References", _FOLD.join(references)),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers if value)
    body = quopri.encodestring(_body(message.text).encode("utf-8")).replace(b"\n", b"\r\n")
    # Only an address whose local part is not ASCII stands there in UTF-8, which the server must allow (SMTPUTF8).
    return head.encode("utf-8") + b"\r\n" + body, sender, recipient


def _one_line(value: str) -> str:
    """`value` without anything that could end a header; what only looks like an encoded word stays what it is."""
    clean = value.encode("utf-8", "replace").decode("utf-8")
    return " ".join(_CONTROL.sub(" ", clean).split()).replace("=?", "= ?")


def _encoded(name: str, value: str) -> str:
    """`value` as encoded words, folded, where it is not short ASCII."""
    if value.isascii() and len(value) <= 60:
        return value
    return Header(value, "utf-8", header_name=name, maxlinelen=76).encode(linesep="\r\n")


def _from(name: str, sender: str) -> str:
    shown = _one_line(name)[:100]
    if not shown:
        return sender
    return f"{shown if _PLAIN_NAME.fullmatch(shown) else _encoded_name(shown)}{_FOLD}<{sender}>"


def _encoded_name(value: str) -> str:
    return Header(value, "utf-8", header_name="From", maxlinelen=76).encode(linesep="\r\n")


def _subject(message: Outbound) -> str:
    """The customer's subject with one "Re: " before it; where there was none, that of the case."""
    theirs = bare(_one_line(str(message.reply_to.get("subject") or "")))
    if theirs:
        return f"Re: {theirs}"[:300]
    return _one_line(message.subject)[:300]


def _identity(value: str) -> str:
    inner = value.strip().removeprefix("<").removesuffix(">")
    if not _ID.fullmatch(inner) or not inner.isascii():
        raise Undeliverable("the answer has no usable Message-ID")
    return f"<{inner}>"


def _thread(message: Outbound) -> tuple[str, list[str]]:
    """(what is answered, the whole thread oldest first), each id in its brackets and each once."""
    answered = _ids([message.reply_to.get("message_id")])
    known = _ids(_many(message.reply_to.get("references")))
    every = list(dict.fromkeys((*known, *answered, *_ids(message.references))))
    # The mail that is answered stands last, as programs expect it; our own id never stands in its own thread.
    ordered = [found for found in every if found not in answered and found != _identity(message.message_id)]
    ordered += answered
    if len(ordered) > MOST_REFERENCES:
        ordered = [ordered[0], *ordered[1 - MOST_REFERENCES :]]
    newest = answered[0] if answered else (ordered[-1] if ordered else "")
    return newest, ordered


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _ids(values: Iterable[Any]) -> list[str]:
    inner = (str(value or "").strip().removeprefix("<").removesuffix(">") for value in values)
    return [f"<{value}>" for value in inner if value.isascii() and _ID.fullmatch(value)]


def _body(value: str) -> str:
    """The text with one kind of line end; lone surrogates and control characters cannot be sent."""
    clean = value.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", clean).rstrip() + "\n"
