"""Text as it comes from outside, made safe to store: no NUL, no lone surrogates, bounded length; and what is blank."""

from __future__ import annotations

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# Nothing to see, says Unicode: separators, control and format characters (a zero-width space, a direction mark).
_EMPTY_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
# The same under other categories: fillers of Hangul and Khmer, the braille pattern without dots, selectors of variants.
_EMPTY = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


def is_storable(value: str) -> bool:
    """Whether both databases can keep `value`: no NUL (PostgreSQL), no lone surrogate (UTF-8)."""
    if "\x00" in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def without_unstorable(value: str) -> str:
    """`value` without what `is_storable` refuses, and otherwise as it is."""
    return _UNSTORABLE.sub("", value)


def is_blank(value: str) -> bool:
    """Whether there is nothing to see in `value`: only spaces, and characters without width or shape.

    The one rule for *somebody wrote nothing*, for the API, forms, plugins and answers. A line of dots, an emoji or a
    single letter is something.
    """
    return all(unicodedata.category(char) in _EMPTY_CATEGORIES or _EMPTY.match(char) for char in value)


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
