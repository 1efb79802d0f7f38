"""How much somebody is hurt, and how soon that wants an answer: pure rules."""

from __future__ import annotations

from voc.core.vocabulary import SCALES, Priority
from voc.routing.stance import Facts

_RISK_WEIGHT = {"safety": 5, "fraud": 4, "legal": 4, "leaving": 2}


def hurt(facts: Facts) -> int:
    """0 (not hurt) to 10: five for the worst score, five for surely negative text, more for risk words, capped.

    A missing score or an unjudged text counts as the middle of its part: not knowing is no reason to wait.
    """
    if facts.metric is not None and facts.score is not None:
        low, high = SCALES[facts.metric]
        from_score = 5.0 * (high - facts.score) / (high - low)
    else:
        from_score = 2.5
    if facts.label == "negative":
        from_text = 5.0 * (facts.probability or 0.5)
    elif facts.label in ("positive", "neutral"):
        from_text = 0.0
    else:
        from_text = 2.5 if facts.label == "unknown" else 0.0
    from_risk = max((_RISK_WEIGHT.get(risk.kind, 1) for risk in facts.risks), default=0)
    return min(10, round(from_score + from_text + from_risk))


def priority(facts: Facts) -> Priority:
    """Urgent when somebody may be harmed; high for law, fraud and the most hurt; low only for the mildest."""
    kinds = {risk.kind for risk in facts.risks}
    level = hurt(facts)
    if "safety" in kinds:
        return Priority.URGENT
    if kinds & {"legal", "fraud"} or level >= 8:
        return Priority.HIGH
    return Priority.NORMAL if level >= 3 else Priority.LOW
