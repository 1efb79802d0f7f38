"""Values that are known to be a person's, found again in what that person wrote: their name, their number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from voc.analysis.folding import fold

_PART = re.compile(r"[^\W_]+")
_SHORTEST = 3


def known_values(text: str, values: Sequence[str], *, in_parts: bool) -> Iterator[tuple[int, int]]:
    """Half-open spans of the values, in no order, whatever their case and accents.

    `in_parts` is for names of people: each part counts too where it begins with a capital.
    """
    folded = fold(text)
    for value in values:
        wanted = fold(value).text.strip()
        if len(wanted) < _SHORTEST:
            continue
        at = folded.text.find(wanted)
        while at >= 0:
            end = at + len(wanted)
            if _stands_alone(folded.text, at, end):
                yield folded.span(at, end)
            at = folded.text.find(wanted, end)
    parts = {fold(part).text for value in values for part in _PART.findall(value) if len(part) >= _SHORTEST}
    if in_parts:
        for match in _PART.finditer(text):
            if match.group()[0].isupper() and fold(match.group()).text in parts:
                yield match.span()


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())
