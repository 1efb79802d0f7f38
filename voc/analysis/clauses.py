"""Sentences and clauses with offsets, for es, pt and en; no model, no data file.

One pass over the candidate places (punctuation, line breaks, contrasting conjunctions); no nested repetition, so the
time is linear whatever the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textblob.base import BaseTokenizer

MAXIMUM = 200  # clauses of one text; the last takes the rest

_PLACE = re.compile(r"[.!?…;\n¿¡,:()]+|[^\W\d_]+")
_HARD = frozenset("!?…;\n¿¡()")
_CONTRAST: dict[str, frozenset[str]] = {
    "es": frozenset({"pero", "aunque"}),
    "pt": frozenset({"mas", "embora", "porém", "porem", "contudo", "todavia"}),
    "en": frozenset({"but", "although", "though", "however"}),
}
# Without a known language "mas" stays out: in Spanish it is "more" written in a hurry.
_ANY = frozenset.union(*_CONTRAST.values()) - {"mas"}
_ABBREVIATIONS = frozenset(
    (
        "sr", "sra", "srta", "dr", "dra", "lic", "ing", "av", "avda", "ud", "uds", "vd", "nº", "núm", "num",
        "art", "pág", "pag", "tel", "cel", "aprox", "ej", "etc", "ltda", "cia", "jr", "mr", "mrs", "ms", "st",
        "vs", "inc", "ltd", "exa", "depto", "dpto",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A half-open piece of the original text, trimmed of white space and punctuation at its ends."""

    start: int
    end: int


def split(text: str, language: str | None = None, *, limit: int = MAXIMUM) -> list[Piece]:
    """Clauses in order, at most ``limit``; each holds at least one letter or digit."""
    pieces: list[Piece] = []
    start = 0
    for place in cuts(text, language):
        piece = _trimmed(text, start, place)
        if piece is not None:
            if len(pieces) == limit - 1:
                break
            pieces.append(piece)
        start = place
    rest = _trimmed(text, start, len(text))
    return [*pieces, rest] if rest is not None else pieces


def cuts(text: str, language: str | None) -> list[int]:
    """Offsets at which a new clause begins, ascending."""
    contrast = _CONTRAST.get(language or "", _ANY)
    found: list[int] = []
    words = 0  # since the last cut
    comma, before_comma = 0, 0  # a comma cuts when two words stand on each side of it ("Hola, ..." is one clause)
    last = ""
    for match in _PLACE.finditer(text):
        mark, start, end = match.group(), match.start(), match.end()
        if mark[0].isalpha():
            last = mark.lower()
            if last in contrast and words:
                found.append(start)
                words, comma = 0, 0
            words += 1
            if comma and words - before_comma >= 2:
                found.append(comma)
                words, comma = words - before_comma, 0
        elif _ends(text, start, end, last):
            found.append(end)
            words, comma = 0, 0
        elif "," in mark and words >= 2 and not _in_number(text, start, end):
            comma, before_comma = end, words
    return found


def _ends(text: str, start: int, end: int, before: str) -> bool:
    """Whether a run of punctuation ends a clause."""
    run = text[start:end]
    if not _HARD.isdisjoint(run):
        return True
    if "." not in run:
        return run[0] == ":" and text[end : end + 1].isspace()
    if before in _ABBREVIATIONS and run == "." and text[start - len(before) : start].lower() == before:
        return False
    following = text[end : end + 1]
    if following == "" or following.isspace() or len(run) > 1:
        return True
    # "centro.Quartos": the space was forgotten; "1.500" and "voc.example" are one word.
    return following.isupper() and text[start - 1 : start].islower()


def _in_number(text: str, start: int, end: int) -> bool:
    """Whether a comma stands between two digits."""
    return text[start - 1 : start].isdigit() and text[end : end + 1].isdigit()


def _trimmed(text: str, start: int, end: int) -> Piece | None:
    """The piece without white space and punctuation around its words; None when no word or digit is in it."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in "!?%)"):
        end -= 1
    return Piece(start, end) if start < end else None


@cache
def tokenizer() -> BaseTokenizer:
    """A TextBlob tokenizer on these clauses (TextBlob's own wants NLTK data, which no one can download later)."""
    from textblob.base import BaseTokenizer

    class ClauseTokenizer(BaseTokenizer):  # type: ignore[misc]  # TextBlob is not typed
        """Gives the clauses of a text as strings."""

        def tokenize(self, text: str, *_: Any, **__: Any) -> list[str]:
            """Clauses of the text in order."""
            return [text[piece.start : piece.end] for piece in split(text)]

    return ClauseTokenizer()
