"""Collecting what was found, with bounded memory: counts, and a few examples of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from voc.pipeline.verify.check import Check, Rule
from voc.pipeline.verify.report import Finding

EXAMPLES = 5


class Holes:
    """Counts and first examples by key."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def add(self, key: str, example: Any) -> None:
        """One more."""
        self.counts[key] += 1
        shown = self.examples.setdefault(key, [])
        if len(shown) < EXAMPLES:
            shown.append(name_of(example))

    def findings(self, rules: Iterable[Rule | Check]) -> list[Finding]:
        """What was found of these rules, in their order."""
        return [
            Finding(rule.invariant, rule.key, rule.text, self.counts[rule.key], tuple(self.examples[rule.key]))
            for rule in rules
            if self.counts[rule.key]
        ]


class Pairs(Holes):
    """Everything that was found, as (key, id); for a look that is bounded anyway."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: set[tuple[str, str]] = set()

    def add(self, key: str, example: Any) -> None:
        """One more."""
        self.pairs.add((key, name_of(example)))


def name_of(value: Any) -> str:
    """An id as people copy it."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
