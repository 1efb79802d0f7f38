"""What is counted of an evaluation: small whatever the number of texts, and added up in any order."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from voc.analysis.evaluation import confusion
from voc.analysis.evaluation.calibration import Calibration
from voc.analysis.evaluation.reading import NO_LANGUAGE, Example
from voc.analysis.result import Analysis
from voc.core.vocabulary import LANGUAGES


@dataclass(slots=True)
class Tally:
    """The counts of one set of texts. ``topics`` is found rightly, found wrongly, missed."""

    texts: int = 0
    labels: list[int] = field(default_factory=confusion.empty)
    calibration: Calibration = field(default_factory=Calibration)
    languages_right: int = 0
    tagged: int = 0
    topics: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, example: Example, said: Analysis) -> None:
        """Count one text."""
        self.texts += 1
        self.languages_right += knows_language(example.language, said.language)
        if example.label is not None:
            feeling = said.sentiment
            self.labels[confusion.cell(example.label, feeling.label)] += 1
            if feeling.label != "unknown" and feeling.probability is not None:
                self.calibration.add(feeling.probability, feeling.label == example.label)
        if example.topics is not None:
            self.tagged += 1
            found = frozenset(said.topics)
            for index, some in enumerate((found & example.topics, found - example.topics, example.topics - found)):
                self.topics[index] += len(some)

    def join(self, other: Tally) -> None:
        """Add the counts of another set."""
        self.texts += other.texts
        self.labels = [a + b for a, b in zip(self.labels, other.labels, strict=True)]
        self.calibration.join(other.calibration)
        self.languages_right += other.languages_right
        self.tagged += other.tagged
        self.topics = [a + b for a, b in zip(self.topics, other.topics, strict=True)]

    @property
    def topics_f1(self) -> float | None:
        """Micro-F1 over all topics of all tagged texts; None when nothing was tagged or found."""
        found, wrong, missed = self.topics
        return confusion.share(2 * found, 2 * found + wrong + missed)


def knows_language(is_in: str, said: str | None) -> bool:
    """Whether the language is right: of a language that voc does not analyze, and of none, *unknown* is."""
    return said == is_in if is_in in LANGUAGES else said is None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer; ``probability`` is how sure the analyzer was of it."""

    example: Example
    label: str
    probability: float


class Evaluation:
    """Counts by language and source, and the wrong answers that were given with most confidence."""

    def __init__(self, *, worst: int = 0) -> None:
        """Keep ``worst`` mistakes."""
        self.tallies: dict[tuple[str, str], Tally] = {}
        self.analyzers: set[str] = set()
        self._kept = worst
        self._heap: list[tuple[float, int, Mistake]] = []
        self._count = 0

    def add(self, example: Example, said: Analysis) -> None:
        """Count one text and what was said of it."""
        self.tallies.setdefault((example.language, example.source), Tally()).add(example, said)
        self._count += 1
        if said.analyzer is not None:
            self.analyzers.add(f"{said.analyzer} {said.version or ''}".rstrip())
        feeling = said.sentiment
        if example.label in (None, feeling.label) or feeling.label == "unknown" or not self._kept:
            return
        mistake = Mistake(example, feeling.label, feeling.probability or 0.0)
        # Among equals the first one stays; the count is unique, so mistakes are never compared.
        item = (mistake.probability, -self._count, mistake)
        if len(self._heap) < self._kept:
            heapq.heappush(self._heap, item)
        else:
            heapq.heappushpop(self._heap, item)

    @property
    def worst(self) -> list[Mistake]:
        """The mistakes made with most confidence first, among equals in the order they came; *unknown* is none."""
        return [mistake for _, _, mistake in sorted(self._heap, key=lambda item: item[:2], reverse=True)]

    def languages(self) -> list[str]:
        """Languages there are texts in: ours first, then others by name, then none."""
        order = {language: place for place, language in enumerate(LANGUAGES)}
        found = {language for language, _ in self.tallies}
        return sorted(found, key=lambda one: (order.get(one, 9), one == NO_LANGUAGE, one))

    def of(self, language: str) -> Iterator[tuple[str, Tally]]:
        """(source, counts) of a language in the order of their names."""
        for key in sorted(self.tallies):
            if key[0] == language:
                yield key[1], self.tallies[key]
