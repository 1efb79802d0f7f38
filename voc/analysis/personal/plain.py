"""A text made plain for searching: ASCII digits and signs, nothing invisible, with the way back to its offsets."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from voc.analysis.personal.marks import ANY_MARK, COVERS


class _Plain(dict[int, str]):
    """The plain form of a character, found out at first sight: one sign, or nothing for one that cannot be seen."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "Nd":
            form = str(unicodedata.decimal(char))
        elif category == "Cf":
            form = ""
        elif category == "Pd" or char == "\u2212":
            form = "-"
        elif category == "Zs":
            form = " "
        else:
            form = _PLAIN_SIGNS.get(char, char)
        self[code] = form
        return form


_PLAIN_SIGNS = {"＠": "@", "﹫": "@", "．": ".", "（": "(", "）": ")", "＋": "+", "／": "/", "＃": "#"}
_PLAIN = _Plain()


@dataclass(slots=True)
class Sheet:
    """The plain text of an original; `cover` hides what was found. Offsets are in code points."""

    text: str
    origins: Sequence[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span in the original of a span that is not empty."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1

    def cover(self, spans: Sequence[tuple[int, int, str]]) -> None:
        """Put a cover over spans (start, end, cover) that rise and do not overlap; lengths stay."""
        pieces, done = [], 0
        for start, end, cover in spans:
            pieces += [self.text[done:start], cover * (end - start)]
            done = end
        self.text = "".join([*pieces, self.text[done:]])


def sheet(text: str) -> Sheet:
    """`text` made plain, marks of an earlier masking covered."""
    origins: list[int] | None = None
    plain = text
    if not text.isascii():
        signs = [_PLAIN[ord(char)] for char in text]
        plain = "".join(signs)
        if "" in signs:
            origins = [index for index, sign in enumerate(signs) if sign]
    found = Sheet(plain, origins)
    if "[" in plain:
        found.cover([(m.start(), m.end(), COVERS[m.group()]) for m in ANY_MARK.finditer(plain)])
    return found
