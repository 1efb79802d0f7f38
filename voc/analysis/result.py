"""What an analysis says: frozen values that survive a round trip through JSON.

Every ``start``/``end`` is a code-point offset into the *original* text (half open, as in a slice).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self, cast, get_args

from voc.analysis.labels import as_label
from voc.plugin.analyzer import SentimentLabel

Urgency = Literal["low", "normal", "high"]
RiskKind = Literal[
    "safety", "health", "legal", "authority", "fraud", "leaving", "repeat", "vulnerable", "public", "deadline"
]

RISK_KINDS: tuple[RiskKind, ...] = get_args(RiskKind)
URGENCIES: tuple[Urgency, ...] = ("low", "normal", "high")


class Feeling(NamedTuple):
    """The sentiment of a piece of text; ``probability`` is that of the label, None when the label is unknown.

    ``negative``: the probability that the author is unhappy, whatever the label; None where nobody said.
    """

    label: SentimentLabel = "unknown"
    probability: float | None = None
    polarity: float = 0.0
    negative: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``."""
        found: dict[str, Any] = {"label": self.label, "probability": self.probability, "polarity": self.polarity}
        if self.negative is not None:
            found["negative"] = self.negative
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote. Raises ValueError on a label of no meaning."""
        probability, negative = data["probability"], data.get("negative")
        return cls(
            as_label(data["label"]),
            None if probability is None else float(probability),
            float(data["polarity"]),
            None if negative is None else float(negative),
        )


UNKNOWN = Feeling()


class Span(NamedTuple):
    """A marked piece of the text: what ``kind`` of evidence it is and what it says (``label``)."""

    start: int
    end: int
    kind: Literal["sentiment", "topic", "risk", "urgency"]
    label: str


class Clause(NamedTuple):
    """One clause of the text and how it was judged."""

    start: int
    end: int
    sentiment: Feeling


@dataclass(frozen=True, slots=True)
class Opinion:
    """One topic (by key) said well or badly of; the span is the clause that says so.

    ``above``: the topics above it in the taxonomy of that moment, the nearest first; they are spoken of by it.
    """

    topic: str
    label: SentimentLabel
    probability: float | None
    start: int
    end: int
    above: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values; ``above`` only where there is something."""
        found: dict[str, Any] = {"topic": self.topic, "label": self.label, "probability": self.probability}
        found |= {"start": self.start, "end": self.end}
        return {**found, "above": list(self.above)} if self.above else found


@dataclass(frozen=True, slots=True)
class Risk:
    """A word of danger; ``word`` is the piece of the original text that was found."""

    kind: RiskKind
    start: int
    end: int
    word: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything understood from one text; ``language`` None and label ``unknown`` mean exactly that."""

    language: str | None
    language_probability: float
    sentiment: Feeling
    opinions: tuple[Opinion, ...]
    risks: tuple[Risk, ...]
    urgency: Urgency
    evidence: tuple[Span, ...]
    analyzer: str | None
    version: str | None
    clauses: tuple[Clause, ...]
    truncated: bool

    @property
    def topics(self) -> tuple[str, ...]:
        """Keys of the topics spoken of, each once, in the order of the text."""
        return tuple(dict.fromkeys(opinion.topic for opinion in self.opinions))

    def to_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists, strings and numbers, ready for ``json.dumps``."""
        # By hand: `dataclasses.asdict` copies deeply and took half of the time of a whole analysis.
        return {
            "language": self.language,
            "language_probability": self.language_probability,
            "sentiment": self.sentiment.to_dict(),
            "opinions": [opinion.to_dict() for opinion in self.opinions],
            "risks": [{"kind": r.kind, "start": r.start, "end": r.end, "word": r.word} for r in self.risks],
            "urgency": self.urgency,
            "evidence": [{"start": e.start, "end": e.end, "kind": e.kind, "label": e.label} for e in self.evidence],
            "analyzer": self.analyzer,
            "version": self.version,
            "clauses": [{"start": c.start, "end": c.end, "sentiment": c.sentiment.to_dict()} for c in self.clauses],
            "truncated": self.truncated,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        urgency = data["urgency"]
        if urgency not in URGENCIES:
            raise ValueError(f"no such urgency: {urgency!r}")
        return cls(
            language=data["language"],
            language_probability=float(data["language_probability"]),
            sentiment=Feeling.from_dict(data["sentiment"]),
            opinions=tuple(_opinion(item) for item in data["opinions"]),
            risks=tuple(_risk(item) for item in data["risks"]),
            urgency=cast(Urgency, urgency),
            evidence=tuple(Span(**item) for item in data["evidence"]),
            analyzer=data["analyzer"],
            version=data["version"],
            clauses=tuple(
                Clause(item["start"], item["end"], Feeling.from_dict(item["sentiment"])) for item in data["clauses"]
            ),
            truncated=bool(data["truncated"]),
        )


def _opinion(data: Mapping[str, Any]) -> Opinion:
    """One opinion from its dictionary; the label is checked."""
    above = tuple(data.get("above", ()))
    return Opinion(data["topic"], as_label(data["label"]), data["probability"], data["start"], data["end"], above)


def _risk(data: Mapping[str, Any]) -> Risk:
    """One risk from its dictionary; the kind is checked."""
    if data["kind"] not in RISK_KINDS:
        raise ValueError(f"no such kind of risk: {data['kind']!r}")
    return Risk(data["kind"], data["start"], data["end"], data["word"])
