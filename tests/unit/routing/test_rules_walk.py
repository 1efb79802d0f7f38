"""Walking through rules: the order, what comes too late, what stops, what the actions may be."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.core.errors import Invalid
from voc.routing.actions import Actions
from voc.routing.conditions import compiled
from voc.routing.facts import Known
from voc.routing.rules import Live, Plan, walk

TEAM, OTHER = str(uuid4()), str(uuid4())


def rule(name: str, condition: str = "true", *, stops: bool = False, **actions: Any) -> Live:
    return Live(uuid4(), uuid4(), 1, name, compiled(condition), Actions.from_dict(actions), stops)


def ask(*rules: Live, **facts: Any) -> Plan:
    return walk(rules, Known({"tags": frozenset(), "score": 2, **facts}))


def late(plan: Plan) -> list[tuple[str, str]]:
    return [(act.rule.name, one["do"]) for act in plan.acts for one in act.did if one.get("late")]


def test_every_rule_that_matches_acts_and_the_first_decides() -> None:
    plan = ask(
        rule("one", team=TEAM, tags=["a"]),
        rule("no", "score > 5", team=OTHER, priority="low"),
        rule("two", team=OTHER, priority="high", tags=["b", "a"]),
        rule("three", priority="low", open_case=True),
    )
    assert (plan.team, plan.priority, list(plan.tags), plan.fate) == (TEAM, "high", ["a", "b"], "case")
    assert [act.rule.name for act in plan.acts] == ["one", "two", "three"]
    assert late(plan) == [("two", "team"), ("two", "tag"), ("three", "priority")]


def test_a_rule_that_stops_is_the_last() -> None:
    plan = ask(rule("one", stops=True, waive=True), rule("two", open_case=True))
    assert plan.fate == "waived"
    assert [act.rule.name for act in plan.acts] == ["one"]
    assert plan.waive_reason() == "rule “one”, version 1"


def test_a_rule_that_does_not_match_does_not_stop() -> None:
    assert ask(rule("one", "score > 5", stops=True, waive=True), rule("two", open_case=True)).fate == "case"


def test_what_becomes_of_it_is_decided_once() -> None:
    assert ask(rule("open", open_case=True), rule("waive", waive=True)).fate == "case"
    assert late(ask(rule("waive", waive=True), rule("open", open_case=True))) == [("open", "open_case")]


def test_a_clock_may_still_start_on_a_case() -> None:
    clock = rule("clock", open_case=True, start_clock=True)
    plan = ask(rule("open", open_case=True), clock)
    assert (plan.fate, plan.fate_by) == ("promise", clock)


def test_later_rules_see_the_tags_of_earlier_ones() -> None:
    first, second = rule("one", tags=["VIP"]), rule("two", '"vip" in tags', priority="urgent")
    assert ask(first, second).priority == "urgent"
    assert ask(second, first).priority is None


def test_why_is_what_was_seen_when_it_was_asked() -> None:
    plan = ask(rule("one", "score < 3", tags=["a"]), rule("two", '"a" in tags', tags=["b"]))
    assert [act.why for act in plan.acts] == [{"score": 2}, {"tags": ["a"]}]


@pytest.mark.parametrize(
    ("actions", "field"),
    [
        ({}, "actions"),
        ({"reason": "spam"}, "actions"),
        ({"fly": True}, "actions"),
        ({"open_case": "yes"}, "open_case"),
        ({"start_clock": True}, "start_clock"),
        ({"waive": True, "open_case": True}, "waive"),
        ({"team": "nobody"}, "team"),
        ({"team": 5}, "team"),
        ({"priority": "now"}, "priority"),
        ({"tags": "vip"}, "tags"),
        ({"tags": ["<b>"]}, "tags"),
        ({"tags": [str(n) for n in range(11)]}, "tags"),
        ({"notify": ["boss"]}, "notify"),
        ({"notify": 5}, "notify"),
    ],
)
def test_wrong_actions_are_refused(actions: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        Actions.from_dict(actions)
    assert field in caught.value.fields


chosen = st.fixed_dictionaries(
    {},
    optional={
        "open_case": st.just(True),
        "team": st.sampled_from(["by_topic", TEAM, OTHER]),
        "priority": st.sampled_from(["by_severity", "low", "urgent"]),
        "tags": st.lists(st.sampled_from(["a", "b", "c d"]), min_size=1, max_size=3, unique=True),
        "notify": st.lists(st.sampled_from(["lead", TEAM]), min_size=1, max_size=2, unique=True),
    },
).filter(bool)


@given(chosen)
def test_actions_survive_being_stored(actions: dict[str, Any]) -> None:
    stored = Actions.from_dict(actions).to_dict()
    assert Actions.from_dict(stored).to_dict() == stored


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(chosen, st.booleans(), st.booleans()), max_size=8))
def test_no_rule_undoes_an_earlier_one(parts: list[tuple[dict[str, Any], bool, bool]]) -> None:
    """Whatever rules follow, what the first ones decided stays; and each thing is decided by exactly one."""
    rules = [
        rule(str(n), "score == 2" if matches else "score == 3", stops=stops, **actions)
        for n, (actions, matches, stops) in enumerate(parts)
    ]
    plans = [ask(*rules[:count]) for count in range(len(rules) + 1)]
    for before, after in pairwise(plans):
        for name in ("team", "priority", "fate"):
            assert getattr(before, name) in (None, getattr(after, name))
        assert list(after.tags)[: len(before.tags)] == list(before.tags)
    done = [(one["do"], one.get("value")) for act in plans[-1].acts for one in act.did if not one.get("late")]
    assert len(done) == len(set(done))
    assert len([do for do, _ in done if do == "team"]) <= 1
