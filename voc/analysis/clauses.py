"""Sentences and clauses with offsets, for es, pt and en; no model, no data file.

One pass over the candidate places (punctuation, line breaks, contrasting conjunctions); no nested repetition, so the
time is linear whatever the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from textblob.base import BaseTokenizer

MAXIMUM = 200  # clauses of one text; the last takes the rest

_PUNCTUATION = r"[.!?…;\n¿¡,:()]+"
_LETTER = r"[^\W\d_]"
_RUN = re.compile(f"{_LETTER}+")
_MARKS = re.compile(_PUNCTUATION)
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
_LONGEST = max(map(len, _ABBREVIATIONS))


def _places(words: frozenset[str]) -> tuple[frozenset[str], re.Pattern[str]]:
    """Contrasting words, and where a clause may begin: at punctuation or at one of them."""
    listed = "|".join(sorted(words, key=len, reverse=True))
    return words, re.compile(f"{_PUNCTUATION}|(?<!{_LETTER})(?:{listed})(?!{_LETTER})", re.IGNORECASE)


_PLACES = {"": _places(_ANY)} | {language: _places(words) for language, words in _CONTRAST.items()}


class Piece(NamedTuple):
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
    contrast, places = _PLACES.get(language or "", _PLACES[""])
    small = text.lower()
    if not any(word in small for word in contrast):
        places = _MARKS
    found: list[int] = []
    words = 0  # since the last cut; of each stretch at most two are counted, more make no difference
    comma, before_comma = 0, 0  # a comma cuts when two words stand on each side of it ("Hola, ..." is one clause)
    last = 0
    for match in places.finditer(text):
        start, end = match.span()
        words += _few_words(text, last, start)
        if comma and words - before_comma >= 2:
            found.append(comma)
            words, comma = words - before_comma, 0
        last = end
        mark = match.group()
        if mark[0].isalpha():
            if words and mark.lower() in contrast:
                found.append(start)
                words, comma = 0, 0
            words += 1
        elif _ends(text, start, end):
            found.append(end)
            words, comma = 0, 0
        elif "," in mark and words >= 2 and not _in_number(text, start, end):
            comma, before_comma = end, words
    if comma and words + _few_words(text, last, len(text)) - before_comma >= 2:
        found.append(comma)
    return found


def _few_words(text: str, start: int, end: int) -> int:
    """How many words stand in a stretch of text: none, one, or two for many. A mere numeral is none."""
    count = 0
    for match in _RUN.finditer(text, start, end):
        count += match.group()[0].isalpha()
        if count == 2:
            break
    return count


def _ends(text: str, start: int, end: int) -> bool:
    """Whether a run of punctuation ends a clause."""
    run = text[start:end]
    if not _HARD.isdisjoint(run):
        return True
    if "." not in run:
        return run[0] == ":" and text[end : end + 1].isspace()
    if run == "." and _is_abbreviation(text, start):
        return False
    following = text[end : end + 1]
    if following == "" or following.isspace() or len(run) > 1:
        return True
    # "centro.Quartos": the space was forgotten; "1.500" and "voc.example" are one word.
    return following.isupper() and text[start - 1 : start].islower()


def _is_abbreviation(text: str, end: int) -> bool:
    """Whether the letters right before a full stop are an abbreviation."""
    start = end
    while start and end - start <= _LONGEST and _RUN.match(text, start - 1, start):
        start -= 1
    return text[start:end].lower() in _ABBREVIATIONS


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
