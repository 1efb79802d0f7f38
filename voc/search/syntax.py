"""What people may type into the search box, and what each database is asked. Pure; never raises, whatever is typed.

    roto entrega     both words            "llegó roto"    these words beside each other
    -caro            not this word         reclam*         words that begin so (from three letters on)

Everything else is punctuation. The parts that go to a database consist of folded words only, so that nothing typed
can mean anything to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voc.search.words import words

LONGEST = 200
MOST_PARTS = 12
# Shorter beginnings would collect half of the dictionary.
SHORTEST_BEGINNING = 3

_PIECE = re.compile(r'(?P<minus>[-−–])?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans(dict.fromkeys("“”„«»＂", '"'))


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that must (or, `negative`, must not) be in the text: words beside each other, in this order.

    `beginning`: the last of them may go on.
    """

    words: tuple[str, ...]
    beginning: bool = False
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A question: all wanted parts and none of the unwanted ones."""

    wanted: tuple[Part, ...] = ()
    unwanted: tuple[Part, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing; what is unwanted alone is no question."""
        return not self.wanted


def parse(typed: str) -> Query:
    """The question in what was typed, at most LONGEST characters and MOST_PARTS parts of it."""
    parts: dict[Part, None] = {}
    for piece in _PIECE.finditer(typed[:LONGEST].translate(_QUOTES)):
        if len(parts) == MOST_PARTS:
            break
        phrase, word = piece["phrase"], piece["word"]
        found = tuple(words(phrase if phrase is not None else word))
        if found:
            open_end = word is not None and word.endswith("*") and len(found[-1]) >= SHORTEST_BEGINNING
            parts[Part(found, open_end, piece["minus"] is not None)] = None
    return Query(tuple(part for part in parts if not part.negative), tuple(part for part in parts if part.negative))


def fts5(query: Query, facets: Sequence[Sequence[str]] = ()) -> str:
    """The question for SQLite's FTS5: each of `facets` is a choice of which one must be there.

    Needs a wanted part or a facet.
    """
    groups = []
    if query.wanted:
        groups.append(f"words : ({' AND '.join(map(_fts5_part, query.wanted))})")
    groups += [f"facets : ({' OR '.join(map(_quoted, choice))})" for choice in facets]
    wanted = " AND ".join(f"({group})" for group in groups)
    if not query.unwanted:
        return wanted
    return f"({wanted}) NOT (words : ({' OR '.join(map(_fts5_part, query.unwanted))}))"


def _fts5_part(part: Part) -> str:
    return f'"{" ".join(part.words)}"{" *" if part.beginning else ""}'


def _quoted(word: str) -> str:
    return f'"{word}"'


def tsquery(query: Query, facets: Sequence[Sequence[str]] = ()) -> str:
    """The same question as text of PostgreSQL's `tsquery`."""
    groups = [_ts_part(part) for part in query.wanted]
    groups += [f"({' | '.join(map(_ts_facet, choice))})" for choice in facets]
    groups += [f"!{_ts_part(part)}" for part in query.unwanted]
    return " & ".join(groups)


def _ts_facet(word: str) -> str:
    return f"'{FACET}{word}'"


def _ts_part(part: Part) -> str:
    *before, last = (f"'{word}'" for word in part.words)
    return f"({' <-> '.join([*before, last + (':*' if part.beginning else '')])})"


# Facets and words share one tsvector; no word begins like this.
FACET = "="
# PostgreSQL keeps so many places of one word.
_MOST_PLACES = 255


def tsvector(said: Sequence[str], facets: Iterable[str]) -> str:
    """Words in their order and facets as text of PostgreSQL's `tsvector`."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(said, 1):
        known = places.setdefault(word, [])
        if len(known) < _MOST_PLACES:
            known.append(str(place))
    lexemes = [f"'{word}':{','.join(where)}" for word, where in places.items()]
    return " ".join([*lexemes, *map(_ts_facet, facets)])
