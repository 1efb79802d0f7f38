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


# Kinds of risk that make a detractor whatever the score, and those that do unless the text surely reads well.
_FIRST_ALARMING = frozenset({"legal", "safety", "fraud", "leaving"})
_ALARMING = _FIRST_ALARMING | {"authority"}
_HARMING = frozenset({"health"})


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy. A label counts only from `threshold` on: below it the text says nothing.

    From `unhappy` on, the probability that the author is unhappy makes a detractor whatever the label (None: it does
    not count): a complaint that is missed costs more than a contented customer who is asked.

    Risks of the kinds `alarming` make a detractor; `harming` ones only where the text does not read as neutral or
    positive: it is about harm then. All others (who asked before, a date) make nobody a detractor.
    """

    name: str = "default-3"
    threshold: float = 0.5
    alarming: frozenset[str] = _ALARMING
    harming: frozenset[str] = _HARMING
    unhappy: float | None = 0.4


DEFAULT = Policy()
# Every version that ever decided anything, by its name: old decisions can be proved too.
_EARLIER = (Policy("default-1", 0.6, _FIRST_ALARMING, frozenset(), None), Policy("default-2", unhappy=0.45))
POLICIES = {policy.name: policy for policy in (*_EARLIER, DEFAULT)}


@dataclass(frozen=True, slots=True)
class RiskWord:
    """A risk word in the text: its kind (`voc.analysis.result.RISK_KINDS`) and code-point offsets."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Facts:
    """All the policy looks at. `label` is the text's sentiment, None when there is no text.

    `negative` is the probability that the author is unhappy. `urgency` (that of the text) and `reach` (how many people
    could see it, None when it was said in private) make no stance; they say how soon.
    """

    metric: Metric | None = None
    score: int | None = None
    label: str | None = None
    probability: float | None = None
    risks: tuple[RiskWord, ...] = ()
    urgency: str | None = None
    reach: int | None = None
    negative: float | None = None


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


def of_text(facts: Facts, policy: Policy = DEFAULT) -> Stance:
    """The stance the text alone gives; unknown where the analyzer had no ground or was not sure enough."""
    if policy.unhappy is not None and facts.negative is not None and facts.negative >= policy.unhappy:
        return Stance.DETRACTOR
    if facts.label is None or facts.probability is None or facts.probability < policy.threshold:
        return Stance.UNKNOWN
    known = {"positive": Stance.PROMOTER, "neutral": Stance.PASSIVE, "negative": Stance.DETRACTOR}
    return known.get(facts.label, Stance.UNKNOWN)


def decide(facts: Facts, policy: Policy = DEFAULT) -> Decision:
    """The stance of one feedback.

    Words of danger make a detractor whatever the score. Score and text that contradict each other keep the worse of the
    two and are marked mixed. Without a score the text decides; without ground there is none: unknown, never neutral.
    """
    reasons: list[dict[str, Any]] = []
    by_score = None
    if facts.metric is not None and facts.score is not None:
        by_score = of_score(facts.metric, facts.score)
        reasons.append({"kind": "score", "metric": facts.metric.value, "score": facts.score, "stance": by_score.value})
    by_text = of_text(facts, policy)
    if facts.label is not None:
        reasons.append(
            {"kind": "text", "label": facts.label, "probability": facts.probability, "stance": by_text.value}
        )
    grave = alarms(facts, policy)
    reasons += [{"kind": "risk", "risk": r.kind, "start": r.start, "end": r.end} for r in grave]
    stance, mixed = _combine(by_score, by_text, grave)
    if mixed:
        reasons.append({"kind": "mixed"})
    return Decision(stance, mixed, tuple(reasons))


def alarms(facts: Facts, policy: Policy = DEFAULT) -> tuple[RiskWord, ...]:
    """The risks that make a detractor, in the order of the text."""
    by_text = of_text(facts, policy)
    harm = by_text in (Stance.DETRACTOR, Stance.UNKNOWN)
    return tuple(r for r in facts.risks if r.kind in policy.alarming or (harm and r.kind in policy.harming))


def _combine(by_score: Stance | None, by_text: Stance, risks: Sequence[RiskWord]) -> tuple[Stance, bool]:
    bad_text = by_text is Stance.DETRACTOR or bool(risks)
    if by_score is None:
        return (Stance.DETRACTOR if risks else by_text), bool(risks) and by_text is Stance.PROMOTER
    if by_score is Stance.DETRACTOR:
        return Stance.DETRACTOR, by_text is Stance.PROMOTER
    return (Stance.DETRACTOR, True) if bad_text else (by_score, False)
