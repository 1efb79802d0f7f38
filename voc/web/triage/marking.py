"""Marks evidence in a customer's words: a pure function from text and spans to safe HTML.

The text is cut at every border of every span, so spans may overlap, touch, nest, run backwards or past the end;
each piece is escaped on its own. Offsets are code points, half open, as everywhere in `voc.analysis`. Taking the
numbers (`<sup>`) and then the tags out of the result gives back exactly the escaped text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from markupsafe import Markup, escape

Tone = Literal["bad", "good", "risk", "plain"]

# Where spans overlap, the piece looks like the weightiest of them.
_WEIGHT: dict[Tone, int] = {"risk": 3, "bad": 2, "good": 1, "plain": 0}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the text, how it is shown, and the number of the reason it leads to (None: no number)."""

    start: int
    end: int
    tone: Tone
    number: int | None = None


def mark(text: str, marks: Sequence[Mark]) -> Markup:
    """`text` as HTML with `marks` drawn in; spans are cut to the text, empty ones are left out."""
    inside = [_clip(item, len(text)) for item in marks]
    kept = [item for item in inside if item.start < item.end]
    borders = sorted({0, len(text), *(item.start for item in kept), *(item.end for item in kept)})
    pieces = [_piece(text, start, end, kept) for start, end in pairwise(borders)]
    return Markup("").join(pieces)


def _clip(item: Mark, length: int) -> Mark:
    """The mark cut to the text."""
    start, end = max(0, min(item.start, length)), max(0, min(item.end, length))
    return Mark(start, end, item.tone, item.number)


def _piece(text: str, start: int, end: int, marks: Sequence[Mark]) -> Markup:
    """One piece between two borders, with the numbers of the marks that end here."""
    covering = [item for item in marks if item.start <= start and end <= item.end]
    if not covering:
        return escape(text[start:end])
    tone = max(covering, key=lambda item: _WEIGHT[item.tone]).tone
    numbers = sorted({item.number for item in covering if item.end == end and item.number is not None})
    notes = Markup("").join(Markup("<sup>{}</sup>").format(number) for number in numbers)
    return Markup('<mark class="evidence evidence--{}">{}{}</mark>').format(tone, text[start:end], notes)
