"""What a head that a company taught adds to one text, and where in the text it stands. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from voc.analysis.clauses import Piece
from voc.analysis.folding import Folded, Token
from voc.analysis.learned import MOST_WORDS, Head
from voc.analysis.learning import places


def added(
    head: Head, folded: Folded, words: Sequence[Token], pieces: Sequence[Piece], *, spoken: Collection[str]
) -> list[tuple[str, Piece]]:
    """Topics that count by the head and were not found by words (`spoken`), each with the clause that weighs most."""
    told = head.told(places(words), spoken=bool(spoken))
    fresh = [topic for topic in told if topic not in spoken]
    if not fresh:
        return []
    by_piece = [places(part) for part in _parts(folded, words[:MOST_WORDS], pieces)]
    return [(topic, pieces[head.heaviest(topic, by_piece)]) for topic in fresh]


def _parts(folded: Folded, words: Sequence[Token], pieces: Sequence[Piece]) -> list[list[Token]]:
    """The words of each clause."""
    parts: list[list[Token]] = [[] for _ in pieces]
    place = 0
    for word in words:
        start, _ = folded.span(word.start, word.end)
        while place < len(pieces) - 1 and pieces[place].end <= start:
            place += 1
        parts[place].append(word)
    return parts
