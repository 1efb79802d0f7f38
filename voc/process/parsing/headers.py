"""Headers: unfolded, decoded, bounded before anything looks at them. Nothing here raises on hostile input."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from voc.process.parsing.charset import decoded

# Characters of one header that are looked at, headers of one mail, addresses and ids of one header.
LONGEST = 10_000
MOST_HEADERS = 300
MOST_ADDRESSES = 50
MOST_IDS = 100
LONGEST_ID = 250

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN = re.compile(r"[ \t\r\n]*\Z")
_FOLD = re.compile(r"[\r\n\t ]+")
_ID = re.compile(r"<([^<>\s]{1,400})>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,200}@[^<>\s,;]{1,200}")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@]{1,200}@[^\s<>,;:\"()@]{1,253}")
# What nearly every From looks like. The library would take a name that looks like an address for one.
_ONE = re.compile(r'("[^"<>]{0,300}"|[^"<>,;:()]{0,300})[ ]?<([^<>\s]{3,320})>')
# One address of a header that is believed only as a whole, and the comma behind it.
_STRICT = re.compile(
    r"\s*+(?:(?:\"((?:[^\"\\]|\\.)*+)\"|([^\"<>,;:()\[\]]{0,300}))\s*+<([^<>\s]{3,320})>|([^\s<>,;:\"()\[\]]{3,320}+))"
    r"\s*+(?:\([^()]{0,300}\)\s*+)?(?:,|\Z)"
)
_PARAMETER = re.compile(r";[ \t]*([^\s=;\"]{1,60})[ \t]*=[ \t]*(?:\"((?:[^\"\\]|\\.){0,2000}+)\"?|([^;\"]{0,2000}+))")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


def unfolded(value: object) -> str:
    """A header's value as one bounded line, as it stands in the mail; bytes outside ASCII become text."""
    text = str(value)[: LONGEST * 2]
    if not text.isascii():
        text = decoded(text.encode("ascii", "surrogateescape") if _escaped(text) else text.encode(), "utf-8")
    return _FOLD.sub(" ", text)[:LONGEST].strip()


def _escaped(text: str) -> bool:
    """Whether everything in `text` is ASCII or a byte that the parser smuggled through as a surrogate."""
    return all(char < "\x80" or "\udc80" <= char <= "\udcff" for char in text)


def words(value: object) -> str:
    """A header's value for people: unfolded, with its encoded words decoded."""
    text = unfolded(value)
    return _decode_words(text) if "=?" in text else text


def _decode_words(text: str) -> str:
    """Decode every encoded word; neighbors of one charset are joined first, since some programs cut letters in two."""
    out: list[str] = []
    held, charset, at = b"", "", 0
    for match in _WORD.finditer(text):
        between = text[at : match.start()]
        name, data = match[1].lower(), _word_bytes(match[2], match[3])
        if held and (name != charset or not _BETWEEN.match(between)):
            out.append(decoded(held, charset))
            held = b""
        if not (at and _BETWEEN.match(between)):
            out.append(between)
        held, charset, at = held + data, name, match.end()
    if held:
        out.append(decoded(held, charset))
    out.append(text[at:])
    return _FOLD.sub(" ", "".join(out))


def _word_bytes(encoding: str, text: str) -> bytes:
    if encoding in "bB":
        return lenient_base64(text.encode("utf-8", "replace"))
    return binascii.a2b_qp(text.encode("utf-8", "replace"), header=True)


def lenient_base64(data: bytes) -> bytes:
    """What can be read of base64 with strange letters in it and its padding lost."""
    clean = _NO_BASE64.sub(b"", data)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    return base64.b64decode(clean + b"=" * (-len(clean) % 4))


def addresses(values: Iterable[object]) -> list[dict[str, str]]:
    """The addresses of these headers as {"name", "email"}; split first and decoded then, so that a name cannot pose
    as an address."""
    found: list[dict[str, str]] = []
    for value in values:
        raw = unfolded(value)
        for name, email in _split(raw):
            email = email.strip().strip("<>")
            if len(found) >= MOST_ADDRESSES:
                return found
            if _ADDRESS.fullmatch(email):
                found.append({"name": words(name)[:300].strip("\"' "), "email": email})
    return found


def exact_addresses(values: Iterable[object]) -> list[dict[str, str]]:
    """The same where an answer goes by it: a header that is not a plain list of addresses names nobody, since what is
    guessed in it may be an address that nobody wrote."""
    found: list[dict[str, str]] = []
    for value in values:
        raw, at = unfolded(value).removesuffix(",").rstrip(), 0
        while at < len(raw):
            match = _STRICT.match(raw, at)
            email = (match[3] or match[4]) if match else ""
            if match is None or not _ADDRESS.fullmatch(email):
                return []
            found.append({"name": words(match[1] or match[2] or "")[:300].strip("\"' "), "email": email})
            at = match.end()
    return found[:MOST_ADDRESSES]


def _split(raw: str) -> list[tuple[str, str]]:
    """(name, address) pairs; by a plain search where the parser of the library gives up."""
    if one := _ONE.fullmatch(raw):
        return [(one[1].strip().strip('"'), one[2])]
    try:
        pairs = getaddresses([raw])
    except (RecursionError, IndexError, ValueError, TypeError):
        pairs = []
    if any(_ADDRESS.fullmatch(email.strip()) for _, email in pairs):
        return pairs
    # The last one: what stands before it is a name, even when it looks like an address.
    return [("", match) for match in _ADDRESS.findall(raw)[-1:]]


def ids(values: Iterable[object]) -> list[str]:
    """Message ids without their brackets, in order, each once."""
    found: dict[str, None] = {}
    for value in values:
        raw = unfolded(value)
        for match in _ID.findall(raw) or _BARE_ID.findall(raw):
            if len(match) <= LONGEST_ID:
                found.setdefault(match)
    # Of a very long thread the first one and the latest matter.
    every = list(found)
    return every if len(every) <= MOST_IDS else [every[0], *every[1 - MOST_IDS :]]


def date(value: object) -> str | None:
    """The date as ISO 8601 in UTC, None when it is none; a date without a zone is taken for UTC."""
    try:
        moment = parsedate_to_datetime(unfolded(value)[:200])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None


def moment_of(text: str | None) -> datetime | None:
    """The inverse of `date`."""
    return datetime.fromisoformat(text) if text else None


def content_type(value: object) -> tuple[str, dict[str, str]]:
    """(type in small letters, parameters) of a Content-Type or Content-Disposition header."""
    raw = unfolded(value)
    kind = raw.split(";", 1)[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for match in _PARAMETER.finditer(raw):
        name, text = match[1].lower(), (match[2] or (match[3] or "").strip()).replace('\\"', '"').replace("\\\\", "\\")
        if "*" in name:
            base, number, coded = _continued(name)
            pieces.setdefault(base, []).append((number, coded, text))
        else:
            plain.setdefault(name, text)
    for base, parts in pieces.items():
        plain[base] = _joined(parts)
    return kind, plain


def _continued(name: str) -> tuple[str, int, bool]:
    """`filename*1*` as (filename, 1, True), after RFC 2231."""
    coded = name.endswith("*")
    base, _, number = name.rstrip("*").partition("*")
    return base, int(number) if number.isdigit() and len(number) < 5 else 0, coded


def _joined(parts: list[tuple[int, bool, str]]) -> str:
    charset, data = "utf-8", b""
    for place, (_, coded, text) in enumerate(sorted(parts)):
        if coded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if coded else text.encode("utf-8", "replace")
    return decoded(data, charset)


def readable(items: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """(name in small letters, decoded value) of the first headers of a mail."""
    for number, (name, value) in enumerate(items):
        if number >= MOST_HEADERS:
            return
        yield name.lower()[:100], words(value)
