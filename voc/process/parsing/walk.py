"""Walking through the parts of a mail: iterative, counted, and never deeper or longer than the limits here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from voc.process.parsing.charset import decoded, unflowed
from voc.process.parsing.headers import content_type, words

MOST_PARTS = 1000
DEEPEST = 50
MOST_FILES = 200
# Characters of one text part, bytes of all attached files together; more is left in the raw mail.
LONGEST_TEXT = 300_000
LONGEST_TAG = 1000
FILES_SIZE = 25_000_000

_REPORTS = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
# A second version of the same words, for programs that we are not.
_OTHER_VERSIONS = frozenset({"text/x-amp-html", "text/watch-html"})
_META_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """One piece of what the mail says: the same words as plain text, as HTML, or as both; `rest` is HTML that lies
    behind the limit."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    rest: str = ""


@dataclass(slots=True)
class File:
    """An attached file; `data` is None when it was too large to take apart."""

    name: str
    kind: str
    size: int
    data: bytes | None


@dataclass(slots=True)
class Found:
    """What the walk found. `originals` are mails, or headers of mails, that came along; `reports` what machines say."""

    blocks: list[Block] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    originals: list[Message] = field(default_factory=list)
    reports: list[tuple[str, list[Message]]] = field(default_factory=list)
    held: int = 0
    truncated: bool = False


def walk(message: Message) -> Found:
    """Look at every part once, in the order they are read."""
    found = Found()
    stack: list[tuple[Message, int, Block | None]] = [(message, 0, None)]
    count = 0
    while stack:
        part, depth, block = stack.pop()
        count += 1
        if count > MOST_PARTS or depth > DEEPEST:
            found.truncated = True
            break
        fields = fields_of(part)
        kind, parameters = _kind_of(part, fields)
        if kind in _REPORTS:
            found.reports.append((kind, _blocks_of(part)))
        elif kind == "message/rfc822" or kind == "message/global":
            _take_mail(found, part)
        elif part.is_multipart():
            shared = Block() if kind == "multipart/alternative" and block is None else block
            if shared is not None and shared is not block:
                found.blocks.append(shared)
            stack += [(child, depth + 1, shared) for child in reversed(parts_of(part))]
        else:
            _take_leaf(found, part, fields, kind, parameters, block)
    return found


def fields_of(part: Message) -> dict[str, str]:
    """The headers of a part as they stand in the mail, by name in small letters; the first one of each name."""
    return {name.lower(): str(value) for name, value in reversed(list(part.raw_items()))}


def parts_of(part: Message) -> list[Message]:
    """The parts of a part that has some."""
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _kind_of(part: Message, fields: dict[str, str]) -> tuple[str, dict[str, str]]:
    if "content-type" not in fields:
        return part.get_default_type(), {}
    kind, parameters = content_type(fields["content-type"])
    return (kind if kind.count("/") == 1 else "text/plain"), parameters


def _blocks_of(part: Message) -> list[Message]:
    """The groups of fields of a report; the library takes those of a delivery status apart itself."""
    if part.is_multipart():
        return parts_of(part)[:50]
    return [message_from_bytes(payload_of(part)[:50_000].lstrip())]


def _take_mail(found: Found, part: Message) -> None:
    """A mail inside the mail: what a bounce is about, or something forwarded, which stays a file."""
    inner = next(iter(parts_of(part)), None)
    if inner is None:
        _attach(found, "message.eml", "message/rfc822", payload_of(part))
        return
    found.originals.append(inner)
    data = _written(inner)
    title = words(fields_of(inner).get("subject", ""))[:100]
    _attach(found, f"{title or 'message'}.eml", "message/rfc822", data)


def _written(message: Message) -> bytes | None:
    """A mail as bytes again; None when it cannot be written."""
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _take_leaf(
    found: Found, part: Message, fields: dict[str, str], kind: str, parameters: dict[str, str], block: Block | None
) -> None:
    where, more = content_type(fields.get("content-disposition", ""))
    name = more.get("filename") or parameters.get("name") or ""
    # Words with a name of their own are a file, but for the first ones, which some programs name as well.
    named = bool(name) and block is None and (where == "inline" or bool(found.blocks))
    if kind == "text/rfc822-headers":
        found.originals.append(message_from_bytes(payload_of(part)[:100_000].lstrip()))
    elif kind in _OTHER_VERSIONS:
        return
    elif _is_text(kind) and where != "attachment" and not named:
        _take_text(found, part, kind, parameters, block)
    else:
        _attach(found, words(name), kind, payload_of(part))


def _is_text(kind: str) -> bool:
    """Whether a part is something to read; a multipart without parts is what it says before its first boundary."""
    return kind in ("text/plain", "text/html", "text", "text/enriched", "text/richtext") or kind.startswith(
        "multipart/"
    )


def _end(text: str) -> int:
    """Where a text is cut: at the limit, or where the tag begins that lies across it."""
    start = text.rfind("<", LONGEST_TEXT - LONGEST_TAG, LONGEST_TEXT)
    return start if start > text.rfind(">", 0, LONGEST_TEXT) and len(text) > LONGEST_TEXT else LONGEST_TEXT


def _take_text(found: Found, part: Message, kind: str, parameters: dict[str, str], block: Block | None) -> None:
    charset = parameters.get("charset")
    data = payload_of(part)
    if kind == "text/html" and not charset:
        charset = _charset_inside(data)
    text = decoded(data[: LONGEST_TEXT * 4], charset).replace("\r\n", "\n").replace("\r", "\n")
    end = _end(text)
    rest = text[end:]
    if rest or len(data) > LONGEST_TEXT * 4:
        text, found.truncated = text[:end], True
    if block is None:
        block = Block()
        found.blocks.append(block)
    if kind in ("text/html", "text/enriched", "text/richtext"):
        block.html.append(text)
        block.rest = block.rest or rest
        return
    if parameters.get("format", "").lower() == "flowed":
        text = unflowed(text, delete_space=parameters.get("delsp", "").lower() == "yes")
    block.plain.append(text)


def _charset_inside(data: bytes) -> str | None:
    """The charset that a page of HTML names itself."""
    found = _META_CHARSET.search(data[:2000])
    return found[1].decode("ascii") if found else None


def payload_of(part: Message) -> bytes:
    """The bytes of a leaf with its transfer encoding undone, as far as that can be."""
    # Never without `decode`: that would decode by a charset name which may be any codec there is.
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _attach(found: Found, name: str, kind: str, data: bytes | None) -> None:
    """Keep a file, or only that there was one."""
    if len(found.files) >= MOST_FILES:
        found.truncated = True
        return
    size = len(data or b"")
    kept = data if found.held + size <= FILES_SIZE else None
    if kept is None and size:
        found.truncated = True
    found.held += len(kept or b"")
    safe = name.replace("\\", "/").rsplit("/", 1)[-1].strip(". ")[:150]
    found.files.append(File(safe or _default_name(kind), kind[:100], size, kept))


def _default_name(kind: str) -> str:
    """A name for a file that came without one."""
    known = {"text/calendar": "invite.ics", "message/rfc822": "message.eml", "image/jpeg": "image.jpg"}
    return known.get(kind, "file")
