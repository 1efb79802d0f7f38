"""The stance policy: promoter, passive, detractor or unknown, with the reasons. A pure function of the facts.

Source of the bands: NPS 9-10 / 7-8 / 0-6 (Reichheld 2003); CSAT and stars 5 / 3-4 / 1-2; CES 2.0 6-7 / 4-5 / 1-3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from voc.core.vocabulary import SCALES, Metric, Stance

# Lowest score of a promoter and of a passive, by metric.
BANDS: dict[Metric, tuple[int, int]] = {
    Metric.NPS: (9, 7),
    Metric.CSAT: (5, 3),
    Metric.STARS: (5, 3),
    Metric.CES: (6, 4),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy. A label counts only from `threshold` on: below it the text says nothing."""

    name: str = "default-1"
    threshold: float = 0.6


DEFAULT = Policy()


@dataclass(frozen=True, slots=True)
class RiskWord:
    """A risk word in the text: kind (legal, safety, fraud, leaving) and code-point offsets."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All the policy looks at. `label` is the text's sentiment, None when there is no text."""

    metric: Metric | None = None
    score: int | None = None
    label: str | None = None
    probability: float | None = None
    risks: tuple[RiskWord, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A stance, whether score and text contradict each other, and JSON-safe reasons in the order they counted."""

    stance: Stance
    mixed: bool
    reasons: tuple[dict[str, Any], ...] = field(default=())


def of_score(metric: Metric, score: int) -> Stance:
    """The stance a score alone gives; raises ValueError outside the metric's scale."""
    low, high = SCALES[metric]
    if not low <= score <= high:
        raise ValueError(f"{metric} goes from {low} to {high}, not {score}")
    promoter, passive = BANDS[metric]
    if score >= promoter:
        return Stance.PROMOTER
    return Stance.PASSIVE if score >= passive else Stance.DETRACTOR


def of_text(label: str | None, probability: float | None, threshold: float) -> Stance:
    """The stance the text alone gives; unknown where the analyzer had no ground or was not sure enough."""
    if label is None or probability is None or probability < threshold:
        return Stance.UNKNOWN
    known = {"positive": Stance.PROMOTER, "neutral": Stance.PASSIVE, "negative": Stance.DETRACTOR}
    return known.get(label, Stance.UNKNOWN)


def decide(facts: Facts, policy: Policy = DEFAULT) -> Decision:
    """The stance of one feedback.

    Risk words make a detractor whatever the score. Score and text that contradict each other keep the worse of the
    two and are marked mixed. Without a score the text decides; without ground there is none: unknown, never neutral.
    """
    reasons: list[dict[str, Any]] = []
    by_score = None
    if facts.metric is not None and facts.score is not None:
        by_score = of_score(facts.metric, facts.score)
        reasons.append({"kind": "score", "metric": facts.metric.value, "score": facts.score, "stance": by_score.value})
    by_text = of_text(facts.label, facts.probability, policy.threshold)
    if facts.label is not None:
        reasons.append(
            {"kind": "text", "label": facts.label, "probability": facts.probability, "stance": by_text.value}
        )
    reasons += [{"kind": "risk", "risk": r.kind, "start": r.start, "end": r.end} for r in facts.risks]
    stance, mixed = _combine(by_score, by_text, facts.risks)
    if mixed:
        reasons.append({"kind": "mixed"})
    return Decision(stance, mixed, tuple(reasons))


def _combine(by_score: Stance | None, by_text: Stance, risks: Sequence[RiskWord]) -> tuple[Stance, bool]:
    bad_text = by_text is Stance.DETRACTOR or bool(risks)
    if by_score is None:
        return (Stance.DETRACTOR if risks else by_text), bool(risks) and by_text is Stance.PROMOTER
    if by_score is Stance.DETRACTOR:
        return Stance.DETRACTOR, by_text is Stance.PROMOTER
    return (Stance.DETRACTOR, True) if bad_text else (by_score, False)
