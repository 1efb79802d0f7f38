"""Words within words: whether a phrase is a name, and whether one phrase is part of another. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from voc.analysis.folding import fold, tokens


def words_of(name: str) -> list[str]:
    """The folded words of a name."""
    return [token.word for token in tokens(fold(name))]


def within(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether words stand in others, side by side and in order."""
    return any(list(whole[at : at + len(part)]) == list(part) for at in range(len(whole) - len(part) + 1))


def is_name(phrase: str, names: Sequence[Sequence[str]]) -> bool:
    """Whether a phrase holds one of these names, or is several words of one."""
    words = phrase.split()
    return any(within(name, words) or (len(words) > 1 and within(words, name)) for name in names if name)
