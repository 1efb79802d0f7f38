"""Where in a text the words of a question stand, and the piece of the text that shows them. Pure.

Computed here and not by the database: the index holds no text, and both databases must mark the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voc.search.syntax import Part, Query
from voc.search.words import Word, placed

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a text with the spans in it; `cut_before` and `cut_after` say where something was left out."""

    text: str
    spans: tuple[Span, ...]
    cut_before: bool
    cut_after: bool


def spans(text: str, query: Query) -> list[Span]:
    """Half-open spans, in code points, of everything that was asked for; sorted, overlapping ones joined."""
    if query.empty or not text:
        return []
    said = list(placed(text))
    found = sorted(span for part in query.wanted for span in _of_part(said, part))
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _of_part(said: Sequence[Word], part: Part) -> list[Span]:
    length = len(part.words)
    return [
        (said[at].start, said[at + length - 1].end) for at in range(len(said) - length + 1) if _fits(said, at, part)
    ]


def _fits(said: Sequence[Word], at: int, part: Part) -> bool:
    *before, last = part.words
    if any(said[at + step].word != word for step, word in enumerate(before)):
        return False
    end = said[at + len(before)].word
    return end.startswith(last) if part.beginning else end == last


def excerpt(text: str, found: Sequence[Span], *, limit: int) -> Excerpt:
    """About `limit` characters of `text` around the first of the spans, cut between words where there are any."""
    start, end = 0, min(len(text), limit)
    if found and found[0][1] > limit:
        start = max(0, found[0][0] - limit // 4)
        end = min(len(text), start + limit)
        start = _forward(text, start, found[0][0])
    if end < len(text):
        end = _backward(text, end, max((found[0][1] if found else 0), start + 1))
    inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in found if a < end and b > start)
    return Excerpt(text[start:end], inside, start > 0, end < len(text))


def _forward(text: str, at: int, most: int) -> int:
    """The first begin of a word from `at` on, if there is one before `most`."""
    for place in range(at, most):
        if place == 0 or text[place - 1].isspace():
            return place
    return at


def _backward(text: str, at: int, least: int) -> int:
    """The last end of a word up to `at`, if there is one after `least`."""
    for place in range(at, least, -1):
        if text[place].isspace():
            return place
    return max(at, least)
