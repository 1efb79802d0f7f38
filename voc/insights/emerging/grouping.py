"""Phrases that belong together: one is part of the other, only its number differs, or the same people say both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from voc.insights.emerging.looking import Standing
from voc.insights.emerging.names import within

# Of the rarer one's feedback this much says both.
SHARED = 0.6
# A longer phrase is the better name when it is said nearly as often.
NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class Grouped:
    """A phrase that stands out, with the feedback that says it."""

    standing: Standing
    feedback: frozenset[UUID]

    @property
    def words(self) -> list[str]:
        """Its words."""
        return self.standing.phrase.split()


Group = list[Grouped]


def groups(found: Sequence[Grouped]) -> list[Group]:
    """Each phrase in one group, the best name first; groups with the least chance first."""
    gathered: list[Group] = []
    for item in sorted(found, key=lambda one: (one.standing.chance, -len(one.standing.phrase), one.standing.phrase)):
        place = next((group for group in gathered if any(related(item, other) for other in group)), None)
        if place is None:
            gathered.append([item])
        else:
            place.append(item)
    return [_named(group) for group in gathered]


def related(one: Grouped, other: Grouped) -> bool:
    """Whether two phrases say the same thing."""
    if one.standing.language != other.standing.language:
        return False
    mine, theirs = one.words, other.words
    if within(mine, theirs) or within(theirs, mine) or _singular(mine) == _singular(theirs):
        return True
    return len(one.feedback & other.feedback) >= SHARED * max(min(len(one.feedback), len(other.feedback)), 1)


def _singular(words: Sequence[str]) -> list[str]:
    """The words without the endings of plurals, well enough to compare them."""
    return [word.removesuffix("s").removesuffix("e") if len(word) > 4 else word for word in words]


def _named(group: Group) -> Group:
    """The longest phrase around the most surprising one that is said nearly as often goes first."""
    best = group[0]
    names = [
        item
        for item in group
        if item.standing.days == best.standing.days
        and item.standing.n >= NEARLY * best.standing.n
        and within(best.words, item.words)
    ]
    name = max(names, key=lambda item: (len(item.words), item.standing.n))
    return [name, *(item for item in group if item is not name)]
