"""Text as it comes from outside, made safe to store: no NUL, no lone surrogates, bounded length."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def is_storable(value: str) -> bool:
    """Whether both databases can keep `value`: no NUL (PostgreSQL), no lone surrogate (UTF-8)."""
    if "\x00" in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def storable(value: str) -> str:
    """`value` with control characters taken out and lone surrogates replaced; the raw receipt keeps what came."""
    cleaned = _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return cleaned.encode("utf-8", "replace").decode("utf-8")


def fold(value: str) -> str:
    """`value` in lower case without accents, for comparing; its length may differ from the original."""
    decomposed = unicodedata.normalize("NFD", value.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def shorten(value: str, limit: int) -> str:
    """The first `limit` characters on a word boundary, with an ellipsis when something was left out."""
    flat = " ".join(value.split())
    if len(flat) <= limit:
        return flat
    return flat[:limit].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def one_line(value: str) -> str:
    """`value` safe for a header: no line breaks, no control characters."""
    return " ".join(_CONTROL.sub(" ", value).split())
