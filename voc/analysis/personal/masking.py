"""Masking: a mark in place of each span, and where offsets into the original have gone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from voc.analysis.personal.find import Found, find
from voc.analysis.personal.marks import Kind, mark_of


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked text, what was found in the original, and by how much each mark moved what follows it."""

    text: str
    found: tuple[Found, ...]
    _shifts: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span in the masked text of one in the original; one that touches a mark takes it in whole."""
        return self._moved(start, at_end=False), self._moved(end, at_end=True)

    def _moved(self, offset: int, *, at_end: bool) -> int:
        index = bisect_right(self.found, offset - at_end, key=lambda item: item.start) - 1
        if index < 0:
            return offset
        item = self.found[index]
        if offset < item.end or (at_end and offset == item.end):
            before = self._shifts[index - 1] if index else 0
            return item.end + self._shifts[index] if at_end else item.start + before
        return offset + self._shifts[index]


def mask(
    text: str,
    *,
    reader: str,
    language: str | None = None,
    countries: Sequence[str] = (),
    known: Sequence[tuple[Kind, str]] = (),
) -> Masked:
    """`text` with a mark in the `reader`'s language (es, pt, en) for each span that `find` finds in it."""
    found = find(text, language=language, countries=countries, known=known)
    pieces, shifts, done, shift = [], [], 0, 0
    for item in found:
        mark = mark_of(item.kind, reader)
        pieces += [text[done : item.start], mark]
        done = item.end
        shift += len(mark) - (item.end - item.start)
        shifts.append(shift)
    return Masked("".join([*pieces, text[done:]]), tuple(found), tuple(shifts))
