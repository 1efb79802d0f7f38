"""How much somebody is hurt, and how soon that wants an answer: pure rules."""

from __future__ import annotations

from voc.core.vocabulary import SCALES, Priority
from voc.routing.stance import Facts, alarms

_RISK_WEIGHT = {"safety": 5, "health": 4, "fraud": 4, "legal": 4, "authority": 4, "leaving": 2}
# What makes it worse for whoever is hurt already: by one each.
_WORSE = frozenset({"repeat", "vulnerable", "public", "deadline"})
_LOUD = frozenset({"legal", "authority", "fraud", "health"})
# Said before at least so many people it is said in public, as much as when somebody threatens to.
PUBLIC_REACH = 10_000
# From here on somebody is hurt, on the scale from 0 to 10.
HURTS = 3


def in_public(reach: int | None) -> bool:
    """Whether what was said reaches so many people that it counts as public."""
    return reach is not None and reach >= PUBLIC_REACH


def hurt(facts: Facts) -> int:
    """0 (not hurt) to 10: five for the worst score, five for surely negative text, more for risk words, capped.

    Having asked before, being frail, a date that is near and a public add one each, where there is anything to add
    to: on a happy customer's words they are no reason to hurry. A missing score or an unjudged text counts as the
    middle of its part: not knowing is no reason to wait.
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
    from_risk = max((_RISK_WEIGHT.get(risk.kind, 1) for risk in alarms(facts)), default=0)
    plain = from_score + from_text + from_risk
    return min(10, round(plain + (_worse(facts) if plain >= HURTS else 0)))


def _worse(facts: Facts) -> int:
    """How many things make it worse."""
    kinds = {risk.kind for risk in facts.risks} & _WORSE
    return len(kinds | {"public"} if in_public(facts.reach) else kinds)


def priority(facts: Facts) -> Priority:
    """Urgent when somebody may be harmed; high for law, authorities, fraud, illness, the most hurt, and whoever is
    hurt and cannot wait; low only for the mildest."""
    kinds = {risk.kind for risk in alarms(facts)}
    level = hurt(facts)
    if "safety" in kinds:
        return Priority.URGENT
    if kinds & _LOUD or level >= 8 or (level >= HURTS and facts.urgency == "high"):
        return Priority.HIGH
    return Priority.NORMAL if level >= HURTS else Priority.LOW
