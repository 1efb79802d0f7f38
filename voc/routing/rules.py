"""Walking through the rules: in their order, every one whose condition is true acts. Pure.

A later rule never undoes an earlier one: the first to say what becomes of the feedback (a case, or no answer), which
team or which priority, is followed; a case may still get its clock from a later rule, and tags and notices add up. A
rule that stops is the last one asked. What came too late is on record as such.

Above every rule stands the promise of the house: a detractor whose answer no rule waives gets a case and a clock,
also when no rule says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

from voc.routing.actions import Actions
from voc.routing.conditions import Condition, Test
from voc.routing.facts import Known

# What becomes of a feedback: a case without a promise, a case with one, or no answer; None: no rule speaks of it.
Fate = Literal["case", "promise", "waived"]


@dataclass(frozen=True, slots=True)
class Live:
    """A rule as it is asked: its present version with the condition compiled."""

    rule_id: UUID
    version_id: UUID
    number: int
    name: str
    condition: Condition
    actions: Actions
    stops: bool = False
    test: Test = field(init=False, repr=False, compare=False)
    said: tuple[dict[str, Any], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put at hand what is needed for every feedback: the test, and what the rule says when nothing is too late."""
        object.__setattr__(self, "test", self.condition.test)
        object.__setattr__(self, "said", _said(self.actions))


class Act(NamedTuple):
    """What one rule did; `did` as in `voc.model.RuleMatch`. `seen` is given where the facts change on the way."""

    rule: Live
    did: tuple[dict[str, Any], ...]
    facts: Known
    seen: dict[str, Any] | None = None

    @property
    def why(self) -> dict[str, Any]:
        """The values its condition looked at; put together only when they are written down."""
        return self.rule.condition.why(self.facts) if self.seen is None else self.seen


@dataclass(slots=True)
class Plan:
    """What all rules together say of one feedback. `fate_by` is the rule that decided its fate, `deeds` are the rules
    that have plugins do something, by version."""

    fate: Fate | None = None
    fate_by: Live | None = None
    team: str | None = None
    priority: str | None = None
    tags: dict[str, Live] = field(default_factory=dict)
    notify: dict[str, Live] = field(default_factory=dict)
    deeds: dict[UUID, Live] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)

    def waive_reason(self) -> str:
        """Why the answer is waived, for the ledger: the rule, its version, and what it says."""
        rule = self.fate_by
        if rule is None:
            return ""
        said = f": {rule.actions.reason}" if rule.actions.reason else ""
        return f"rule “{rule.name}”, version {rule.number}{said}"


def walk(rules: Sequence[Live], facts: Known) -> Plan:
    """Ask the rules in order. Later rules see the tags that earlier ones hang on (`facts` is changed for that)."""
    plan = Plan()
    tags = facts["tags"] = set(facts["tags"])
    for rule in rules:
        if not rule.test(facts):
            continue
        seen = rule.condition.why(facts) if "tags" in rule.condition.names else None
        plan.acts.append(Act(rule, _apply(plan, rule), facts, seen))
        if rule.actions.tags:
            tags.update(rule.actions.tags)
        if rule.stops:
            break
    return plan


def _apply(plan: Plan, rule: Live) -> tuple[dict[str, Any], ...]:
    """Let one rule act on the plan; returns what it did, with what came too late marked."""
    said: list[dict[str, Any]] | None = None
    for place, one in enumerate(rule.said):
        if not _TAKE[one["do"]](plan, rule, one.get("value", "")):
            said = said or list(rule.said)
            said[place] = {**one, "late": True}
    return rule.said if said is None else tuple(said)


def _take_team(plan: Plan, rule: Live, value: str) -> bool:
    if plan.team is None:
        plan.team = value
        return True
    return False


def _take_priority(plan: Plan, rule: Live, value: str) -> bool:
    if plan.priority is None:
        plan.priority = value
        return True
    return False


def _take_fate(plan: Plan, rule: Live, fate: Fate) -> bool:
    """Decide what becomes of it, unless that was decided; a clock may still start on a case."""
    if plan.fate is None or (plan.fate == "case" and fate == "promise"):
        plan.fate, plan.fate_by = fate, rule
        return True
    return False


# How each thing is done, unless an earlier rule has decided it; returns whether it was done.
_TAKE: dict[str, Callable[[Plan, Live, str], bool]] = {
    "waive": lambda plan, rule, _: _take_fate(plan, rule, "waived"),
    "open_case": lambda plan, rule, _: _take_fate(plan, rule, "case"),
    "start_clock": lambda plan, rule, _: _take_fate(plan, rule, "promise"),
    "team": _take_team,
    "priority": _take_priority,
    "tag": lambda plan, rule, tag: plan.tags.setdefault(tag, rule) is rule,
    "notify": lambda plan, rule, person: plan.notify.setdefault(person, rule) is rule,
    "plugin": lambda plan, rule, _: plan.deeds.setdefault(rule.version_id, rule) is rule,
}


def _said(actions: Actions) -> tuple[dict[str, Any], ...]:
    """What the actions do, one after the other, as it is kept on record."""
    said: list[dict[str, Any]] = [
        {"do": name} for name in ("waive", "open_case", "start_clock") if getattr(actions, name)
    ]
    said += [{"do": name, "value": value} for name in ("team", "priority") if (value := getattr(actions, name))]
    said += [{"do": "tag", "value": tag} for tag in actions.tags]
    said += [{"do": "notify", "value": person} for person in actions.notify]
    return (*said, *({"do": "plugin", "value": item.name} for item in actions.plugin))
