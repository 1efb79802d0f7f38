"""Folding of case, accents and invisible characters with the way back to the original offsets.

Words are looked up in folded text; what is shown and stored points into the text as the customer wrote it. Most
characters fold to exactly one, so the offsets are usually the same numbers; where they are not (a combining accent,
a zero-width joiner, a ligature) an index leads back.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# No nested repetition over the same characters: the time is linear in the text.
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = frozenset("'’‘`´ʼ")


class _FoldTable(dict[str, str]):
    """Folded form of each character, computed at first sight; never larger than Unicode."""

    def __missing__(self, char: str) -> str:
        """Base letters in lower case; nothing for marks and for invisible format characters."""
        if char in _APOSTROPHES:
            folded = "'"
        else:
            parts = unicodedata.normalize("NFKD", char).casefold()
            kept = (part for part in unicodedata.normalize("NFKD", parts) if _stays(part))
            folded = "".join(kept)
        # A compatibility form may stand for a whole phrase (U+FDFA: 18 letters): such a sign is no word of ours.
        self[char] = folded = folded if len(folded) <= 4 else char
        return folded


def _stays(char: str) -> bool:
    """False for combining marks and format characters (zero width, direction marks, soft hyphen)."""
    return unicodedata.category(char) not in ("Mn", "Me", "Cf")


_FOLD = _FoldTable()


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; ``origins[i]`` is the offset of the original character that gave ``text[i]`` (None: i itself)."""

    original: str
    text: str
    origins: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original half-open span of a non-empty folded span."""
        if self.origins is None:
            return start, end
        last = self.origins[end - 1] + 1
        # Marks that belong to the last letter are part of the word.
        while last < len(self.original) and _FOLD[self.original[last]] == "":
            last += 1
        return self.origins[start], last


def fold(text: str) -> Folded:
    """Fold a text for look-up: ``PÉSSIMO`` and ``péssimo`` (composed or not) give ``pessimo``."""
    if text.isascii():
        return Folded(text, text.lower().replace("`", "'"), None)
    pieces = [_FOLD[char] for char in text]
    folded = "".join(pieces)
    if len(folded) == len(text) and "" not in pieces:
        return Folded(text, folded, None)
    origins = [index for index, piece in enumerate(pieces) for _ in piece]
    return Folded(text, folded, origins)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the folded text with its folded offsets.

    ``breaks``: punctuation stands between it and the last word; ``gap``: what stands between them.
    """

    word: str
    start: int
    end: int
    breaks: bool
    gap: str = ""


_STOP = frozenset(".!?;,:\n¿¡…()")


def tokens(folded: Folded) -> list[Token]:
    """The words of a folded text in order."""
    found: list[Token] = []
    before = 0
    text = folded.text
    for match in WORD.finditer(text):
        start = match.start()
        gap = text[before:start]
        breaks = gap not in (" ", "") and not _STOP.isdisjoint(gap)
        before = match.end()
        found.append(Token(match.group(), start, before, breaks, gap))
    return found
