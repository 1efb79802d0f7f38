"""A table of words and phrases that is looked up in linear time, whatever the text.

No regular expression: a text meets the table word by word, so a hostile text costs as much as a friendly one.
Pattern: words separated by spaces; ``demor*`` any word that begins so; ``_`` any one word; a pattern written in
capitals (``SIC``) wants capitals in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voc.analysis.folding import Folded, Token, fold, tokens


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern: what stands for it (``key``) and its words."""

    key: str
    words: tuple[str, ...]
    capitals: bool


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: original offsets, and the index of its first and after its last token."""

    key: str
    start: int
    end: int
    first: int
    after: int


def _fits(pattern: str, word: str) -> bool:
    """Whether one word of a pattern accepts one folded word of the text."""
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    return pattern == "_" or pattern == word


def _compile(key: str, text: str) -> Pattern:
    """Fold a pattern; the marks ``*`` and ``_`` stay. Raises ValueError on an empty one or a leading ``_``."""
    words = []
    for raw in text.split():
        star = raw.endswith("*")
        inner = "_" if raw == "_" else fold(raw[:-1] if star else raw).text
        words.append(inner + "*" if star else inner)
    if not words or words[0] in ("_", "*", ""):
        raise ValueError(f"a phrase must begin with a word: {text!r}")
    return Pattern(key, tuple(words), text.isupper())


class PhraseTable:
    """Patterns indexed by their first word (or its beginning)."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        """Compile pairs of key and pattern."""
        self._exact: dict[str, list[Pattern]] = {}
        self._begin: dict[str, list[Pattern]] = {}
        for key, text in entries:
            pattern = _compile(key, text)
            head = pattern.words[0]
            index, name = (self._begin, head[:-1]) if head.endswith("*") else (self._exact, head)
            index.setdefault(name, []).append(pattern)
        self._lengths = sorted({len(name) for name in self._begin})

    def find(self, folded: Folded, words: Sequence[Token] | None = None, *, limit: int = 200) -> list[Match]:
        """Matches in the order of the text, at most ``limit``; of one key that overlap, the longest stays."""
        words = tokens(folded) if words is None else words
        found: list[Match] = []
        last: dict[str, int] = {}
        for index, token in enumerate(words):
            for pattern in self._candidates(token.word):
                after = _match_at(pattern, words, index)
                if after is None:
                    continue
                start, end = folded.span(token.start, words[after - 1].end)
                if pattern.capitals and not folded.original[start:end].isupper():
                    continue
                match = Match(pattern.key, start, end, index, after)
                place = last.get(pattern.key)
                if place is not None and found[place].after > index:
                    if found[place].after - found[place].first < after - index:
                        found[place] = match
                    continue
                if len(found) >= limit:
                    return found
                last[pattern.key] = len(found)
                found.append(match)
        return sorted(found, key=lambda hit: (hit.start, hit.end))

    def _candidates(self, word: str) -> list[Pattern]:
        """Patterns whose first word accepts this word."""
        found = self._exact.get(word, [])
        for length in self._lengths:
            if length > len(word):
                break
            more = self._begin.get(word[:length])
            if more:
                found = found + more
        return found


def _match_at(pattern: Pattern, words: Sequence[Token], index: int) -> int | None:
    """Index after the last token when the pattern stands here, unbroken by punctuation; else None."""
    after = index + len(pattern.words)
    if after > len(words):
        return None
    for offset in range(1, len(pattern.words)):
        token = words[index + offset]
        if token.breaks or not _fits(pattern.words[offset], token.word):
            return None
    return after
