"""Folding of case, accents and invisible characters with the way back to the original offsets.

Words are looked up in folded text; what is shown and stored points into the text as the customer wrote it. Most
characters fold to exactly one, so the offsets are usually the same numbers; where they are not (a combining accent,
a zero-width joiner, a ligature) an index leads back.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Self, overload

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

    def starts(self, words: Words) -> list[int]:
        """Where words begin in the original."""
        origins = self.origins
        return words.starts if origins is None else [origins[start] for start in words.starts]


_FOREIGN = re.compile("[^\x00-\x7f]")
# Of so many different characters beyond ASCII each is exchanged in the whole text at once.
_EXCHANGED = 12


def fold(text: str) -> Folded:
    """Fold a text for look-up: ``PÉSSIMO`` and ``péssimo`` (composed or not) give ``pessimo``."""
    if text.isascii():
        return Folded(text, text.lower().replace("`", "'"), None)
    exchanged = _exchanged(text)
    if exchanged is not None:
        return Folded(text, exchanged, None)
    pieces = [_FOLD[char] for char in text]
    folded = "".join(pieces)
    if len(folded) == len(text) and "" not in pieces:
        return Folded(text, folded, None)
    origins = [index for index, piece in enumerate(pieces) for _ in piece]
    return Folded(text, folded, origins)


def _exchanged(text: str) -> str | None:
    """The folded text when it has few characters beyond ASCII, each of which folds to one that has no capital."""
    foreign = set(_FOREIGN.findall(text))
    if len(foreign) > _EXCHANGED:
        return None
    for char in foreign:
        folded = _FOLD[char]
        if len(folded) != 1 or folded.lower() != folded:
            return None
        text = text.replace(char, folded)
    return text.lower().replace("`", "'")


class Token(NamedTuple):
    """A word of the folded text with its folded offsets.

    ``breaks``: punctuation stands between it and the last word; ``gap``: what stands between them.
    """

    word: str
    start: int
    end: int
    breaks: bool
    gap: str = ""


class Words(Sequence[Token]):
    """The words of a folded text, cut once for all who read it: a sequence of tokens, kept as one list for each part.

    ``tail``: what stands behind the last word.
    """

    __slots__ = ("breaks", "ends", "gaps", "starts", "tail", "words")

    def __init__(
        self, words: list[str], gaps: list[str], starts: list[int], ends: list[int], breaks: list[bool], tail: str = ""
    ) -> None:
        """Take the parts of the tokens, all of one length."""
        self.words, self.gaps, self.starts, self.ends = words, gaps, starts, ends
        self.breaks, self.tail = breaks, tail

    @classmethod
    def of(cls, found: Iterable[Token]) -> Self:
        """From single tokens, whose tail nobody knows."""
        parts = [list(part) for part in zip(*found, strict=True)] or [[], [], [], [], []]
        words, starts, ends, breaks, gaps = parts
        return cls(words, gaps, starts, ends, breaks)

    def __len__(self) -> int:
        """How many words there are."""
        return len(self.words)

    @overload
    def __getitem__(self, index: int) -> Token: ...

    @overload
    def __getitem__(self, index: slice) -> list[Token]: ...

    def __getitem__(self, index: int | slice) -> Token | list[Token]:
        """One token, or a list of them."""
        if isinstance(index, slice):
            return list(map(Token, *[part[index] for part in self._parts()]))
        return Token(self.words[index], self.starts[index], self.ends[index], self.breaks[index], self.gaps[index])

    def __iter__(self) -> Iterator[Token]:
        """The tokens in order."""
        return map(Token, *self._parts())

    def within(self, start: int, end: int) -> range:
        """Indices of the words that begin between two offsets of the folded text."""
        return range(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def _parts(self) -> tuple[list[str], list[int], list[int], list[bool], list[str]]:
        """The lists in the order of a token's fields."""
        return self.words, self.starts, self.ends, self.breaks, self.gaps


_STOP = frozenset(".!?;,:\n¿¡…()")
_PARTS = re.compile(f"({WORD.pattern})")


def tokens(folded: Folded) -> Words:
    """The words of a folded text in order."""
    parts = _PARTS.split(folded.text)
    places = list(accumulate(map(len, parts)))
    tail = parts.pop()
    gaps = parts[0::2]
    quiet = _STOP.isdisjoint
    breaks = [gap != " " and not quiet(gap) for gap in gaps]
    return Words(parts[1::2], gaps, places[0:-1:2], places[1::2], breaks, tail)


class Reading(NamedTuple):
    """A text made ready for all who look at it."""

    folded: Folded
    words: Words


_held: tuple[str, Reading] | None = None


def read(text: str) -> Reading:
    """Fold a text and cut it into words; the text that was read last is not read again."""
    global _held
    held = _held  # two threads at once only read once more
    if held is not None and held[0] is text:
        return held[1]
    folded = fold(text)
    found = Reading(folded, tokens(folded))
    _held = (text, found)
    return found
