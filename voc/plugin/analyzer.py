"""What a sentiment analyzer is: a plain object with a name, a version, its languages and one pure function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

SentimentLabel = Literal["negative", "neutral", "positive", "unknown"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of the text that carried the judgement: code-point offsets, end exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Sentiment:
    """One judgement. `probability` is that of the label being right, None for unknown; `polarity` is in [-1, 1].

    `negative` is the probability that the author is unhappy, whatever the label, where the analyzer can tell.
    """

    label: SentimentLabel
    probability: float | None
    polarity: float
    evidence: tuple[Evidence, ...] = ()
    negative: float | None = None


class Analyzer(Protocol):
    """Judges text in the languages it declares.

    `analyze` must be pure and answer *unknown* where it has no ground; it is never called for a language that is
    not in `languages`. See `ClauseAnalyzer` for one that judges the parts of a text in the same pass.
    """

    name: str
    version: str
    languages: frozenset[str]

    def analyze(self, text: str, language: str) -> Sentiment:
        """Judge `text`, which is at most 20,000 characters, written in `language` (ISO 639-1)."""
        ...


@runtime_checkable
class ClauseAnalyzer(Protocol):
    """What an analyzer may offer beside `analyze`: the whole text and its clauses in one call."""

    def analyze_clauses(self, text: str, language: str, spans: Sequence[tuple[int, int]]) -> Sequence[Sentiment]:
        """Judge `text` (first answer, as `analyze` would) and then each of `spans`, half-open and in order."""
        ...
