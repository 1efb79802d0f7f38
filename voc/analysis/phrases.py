"""A table of words and phrases that is looked up in linear time, whatever the text.

No regular expression: a text meets the table word by word, so a hostile text costs as much as a friendly one.
Pattern: words separated by spaces; ``demor*`` any word that begins so; ``_`` any one word; ``~3`` at most three words,
whatever they are; ``{day}`` any word of that class; a pattern written in capitals (``SIC``) wants capitals in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from voc.analysis.folding import Folded, Token, Words, fold, tokens
from voc.analysis.remembering import Remembered

# What one word of a pattern accepts: that word, a word that begins so, one of several, any (None), or at most so many.
Wanted = str | tuple[str] | frozenset[str] | int | None
LONGEST_GAP = 9
# Beginnings are looked up by so many letters.
_LETTERS = 3
_REMEMBERED = 12_000  # words of which it is kept what begins with them


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern: what stands for it (``key``), what its first word begins with, and the words after it."""

    key: str
    beginning: str
    rest: tuple[Wanted, ...]
    gaps: bool
    capitals: bool


class Match(NamedTuple):
    """A pattern found: original offsets, and the index of its first and after its last token."""

    key: str
    start: int
    end: int
    first: int
    after: int


# What begins with a word: patterns of this word alone, those by their second word, those of the beginning of a word.
Starting = tuple[list[Pattern], dict[str, list[Pattern]] | None, list[Pattern]]


def _wanted(raw: str, classes: Mapping[str, frozenset[str]], pattern: str) -> Wanted:
    """One word of a pattern, folded. Raises ValueError on a class or a gap that is none."""
    if raw == "_":
        return None
    if raw.startswith("~"):
        if not raw[1:].isdecimal() or not 1 <= int(raw[1:]) <= LONGEST_GAP:
            raise ValueError(f"a gap is of 1 to {LONGEST_GAP} words: {pattern!r}")
        return int(raw[1:])
    if raw.startswith("{"):
        if raw[1:-1] not in classes:
            raise ValueError(f"no such class of words: {pattern!r}")
        return classes[raw[1:-1]]
    if raw.endswith("*"):
        return (fold(raw[:-1]).text,)
    return fold(raw).text


def _compile(
    key: str, text: str, classes: Mapping[str, frozenset[str]]
) -> tuple[list[tuple[str, Pattern]], list[Pattern]]:
    """The pattern by its first words, and by the beginning of its first word.

    Raises ValueError on an empty one, one that does not begin with a word or does not end with one.
    """
    wanted = tuple(_wanted(raw, classes, text) for raw in text.split())
    if not wanted or wanted[0] is None or isinstance(wanted[0], int) or wanted[0] in ("", ("",)):
        raise ValueError(f"a phrase must begin with a word: {text!r}")
    if isinstance(wanted[-1], int):
        raise ValueError(f"a phrase must end with a word: {text!r}")
    head, rest = wanted[0], wanted[1:]
    gaps, capitals = any(isinstance(item, int) for item in rest), text.isupper()
    if isinstance(head, tuple):
        return [], [Pattern(key, head[0], rest, gaps, capitals)]
    pattern = Pattern(key, "", rest, gaps, capitals)
    return [(word, pattern) for word in ([head] if isinstance(head, str) else sorted(head))], []


class PhraseTable:
    """Patterns indexed by their first word (or its beginning)."""

    def __init__(
        self, entries: Iterable[tuple[str, str]], *, classes: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        """Compile pairs of key and pattern; `classes` are the words that ``{name}`` stands for. Raises ValueError."""
        folded = {name: frozenset(fold(word).text for word in words) for name, words in (classes or {}).items()}
        self._exact: dict[str, list[Pattern]] = {}
        # Those whose second word is known too, by both: many phrases begin with the same small words.
        self._pairs: dict[str, dict[str, list[Pattern]]] = {}
        self._begin: dict[str, list[Pattern]] = {}
        # Beginnings of fewer letters than that, by their length.
        self._short: dict[str, list[Pattern]] = {}
        for key, text in entries:
            exact, beginnings = _compile(key, text, folded)
            for word, pattern in exact:
                self._add(word, pattern)
            for pattern in beginnings:
                index = self._begin if len(pattern.beginning) >= _LETTERS else self._short
                index.setdefault(pattern.beginning[:_LETTERS], []).append(pattern)
        self._lengths = sorted({len(name) for name in self._short})
        self._starts: Remembered[Starting | None] = Remembered(self._starting, _REMEMBERED)

    def _add(self, word: str, pattern: Pattern) -> None:
        """Index a pattern by its first word and, where only certain words can follow, by these."""
        second = pattern.rest[0] if pattern.rest else None
        if not isinstance(second, str | frozenset):
            self._exact.setdefault(word, []).append(pattern)
            return
        following = self._pairs.setdefault(word, {})
        for name in [second] if isinstance(second, str) else second:
            following.setdefault(name, []).append(pattern)

    def _starting(self, word: str) -> Starting | None:
        """What begins with a word of a text; None for most."""
        exact, following = self._exact.get(word, []), self._pairs.get(word)
        later = [one for one in self._begin.get(word[:_LETTERS], ()) if word.startswith(one.beginning)]
        for length in self._lengths:
            later += self._short.get(word[:length], [])
        return (exact, following, later) if exact or following or later else None

    def find(
        self, folded: Folded, words: Sequence[Token] | None = None, *, limit: int = 200, each: int | None = None
    ) -> list[Match]:
        """Matches in the order of the text, at most ``limit`` and ``each`` of a key; of one key that overlap, the
        longest stays."""
        if words is None:
            words = tokens(folded)
        elif not isinstance(words, Words):
            words = Words.of(words)
        found: list[Match] = []
        last: dict[str, int] = {}
        counts: dict[str, int] = {}
        texts, starts, ends = words.words, words.starts, words.ends
        following = [*texts[1:], ""]
        for index, starting in enumerate(map(self._starts.__getitem__, texts)):
            if starting is None:
                continue
            here, seconds, later = starting
            if seconds is not None:
                paired = seconds.get(following[index])
                if paired is not None:
                    here = here + paired if here else paired
            for pattern in here + later if later else here:
                after = _match_at(pattern, words, index) if pattern.rest else index + 1
                if after is None:
                    continue
                start, end = folded.span(starts[index], ends[after - 1])
                if pattern.capitals and not folded.original[start:end].isupper():
                    continue
                key = pattern.key
                match = Match(key, start, end, index, after)
                place = last.get(key)
                if place is not None and found[place].after > index:
                    if found[place].after - found[place].first < after - index:
                        found[place] = match
                    continue
                if len(found) >= limit:
                    return found
                if each is not None:
                    counts[key] = seen = counts.get(key, 0) + 1
                    if seen > each:
                        continue
                last[key] = len(found)
                found.append(match)
        return sorted(found, key=_by_place) if len(found) > 1 else found


_by_place = itemgetter(1, 2)  # start and end


def _match_at(pattern: Pattern, words: Words, index: int) -> int | None:
    """Index after the last token when the pattern stands here, unbroken by punctuation; else None."""
    rest = pattern.rest
    if pattern.gaps:
        return _match_rest(rest, 0, words, index + 1)
    after = index + 1 + len(rest)
    texts, breaks = words.words, words.breaks
    if after > len(texts):
        return None
    for offset, wanted in enumerate(rest, index + 1):
        if breaks[offset] and words.gaps[offset] != ".":
            return None
        if wanted != texts[offset] and not _fits(wanted, texts[offset]):
            return None
    return after


def _match_rest(rest: tuple[Wanted, ...], place: int, words: Words, at: int) -> int | None:
    """As above for what is left of a pattern with gaps, of which the shortest that fit are taken."""
    if place == len(rest):
        return at
    wanted = rest[place]
    for skipped in range(wanted + 1 if isinstance(wanted, int) else 1):
        where = at + skipped
        if where >= len(words.words) or _parted(words, where):
            return None
        if isinstance(wanted, int):
            after = _match_rest(rest, place + 1, words, where)
        elif _fits(wanted, words.words[where]):
            after = _match_rest(rest, place + 1, words, where + 1)
        else:
            after = None
        if after is not None:
            return after
    return None


def _parted(words: Words, index: int) -> bool:
    """Whether punctuation parts a word from the last one; a bare full stop does not (``consumidor.gov``)."""
    return words.breaks[index] and words.gaps[index] != "."


def _fits(wanted: Wanted, word: str) -> bool:
    """Whether one word of a pattern accepts one folded word of the text."""
    if isinstance(wanted, str):
        return wanted == word
    if isinstance(wanted, tuple):
        return word.startswith(wanted[0])
    return wanted is None or (isinstance(wanted, frozenset) and word in wanted)
