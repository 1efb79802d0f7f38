"""Conditions: what they mean, and where a mistake is marked."""

from __future__ import annotations

from typing import Any

import pytest

from voc.core.errors import Invalid
from voc.routing.conditions import compile_condition, compiled
from voc.routing.facts import Known
from voc.routing.fields import FIELDS
from voc.routing.tokens import LONGEST, MOST_TOKENS, WrongCondition

TOPICS = frozenset({"delivery", "price", "staff"})


def facts(**more: Any) -> Known:
    """A believable feedback."""
    values: dict[str, Any] = {
        "stance": "detractor",
        "mixed": False,
        "metric": "nps",
        "score": 2,
        "hurt": 7,
        "text": "Pésimo. La TV-42 llegó ROTA",
        "length": 27,
        "language": "es",
        "label": "negative",
        "probability": 0.9,
        "topics": frozenset({"delivery"}),
        "bad_topics": frozenset({"delivery"}),
        "good_topics": frozenset(),
        "risks": frozenset({"legal"}),
        "urgency": "high",
        "reach": None,
        "channel": "feedback",
        "channel_kind": "webform",
        "door": "form",
        "unit": None,
        "customer_known": True,
        "segment": "high touch",
        "customer_value": None,
        "has_email": True,
        "has_phone": False,
        "hour": 23,
        "weekday": "sunday",
        "tags": frozenset({"vip"}),
        "facts": {"order": {"total": 120, "items": ["tv", 2]}, "a b": "x", "on": True, "when": "2026-03-04"},
    }
    return Known({**values, **more})


MEANS = [
    ('stance == "detractor"', True),
    ('stance != "detractor"', False),
    ("score <= 2 and not mixed", True),
    ("score < 2 or hurt > 6", True),
    ("3 > score", True),
    ("score == 2.0", True),
    ("probability >= 0.8", True),
    ("customer_known and has_phone", False),
    ('"rota" in plain', True),
    ('"Pésimo" in plain', True),
    ('"tv-42" in text', False),
    ('"TV-42" in text', True),
    ('"Llegó" in words', True),
    ('"lleg" in words', False),
    ('"legal" in risks and "fraud" not in risks', True),
    ('language in ["pt", "es"]', True),
    ("score in [0, 1]", False),
    ('weekday in ["saturday", "sunday"] and (hour >= 22 or hour < 6)', True),
    ("unit == null", True),
    ("unit != null", False),
    ('unit == "Miraflores"', False),
    ('"Mira" in unit', False),
    ("facts.order.total > 100", True),
    ('facts["order"]["total"] > 100', True),
    ('facts["a b"] == "x"', True),
    ('"tv" in facts.order.items', True),
    ("2 in facts.order.items", True),
    ("facts.on", True),
    ("facts.on == 1", False),
    ("facts.nothing.at.all == null", True),
    ("facts.nothing > 1", False),
    ("not (facts.nothing > 1)", True),
    ('facts.when < "2026-04-01"', True),
    ("facts.when < 5", False),
    ("score < facts.order.total", True),
    ('"VIP" in tags', True),
    ("true", True),
    ("not true or false", False),
    ('"it\'s" in plain', False),
    ("'\"' in text", False),
]


@pytest.mark.parametrize(("condition", "expected"), MEANS)
def test_what_a_condition_means(condition: str, expected: bool) -> None:
    assert compile_condition(condition, topics=TOPICS).test(facts()) is expected


def test_what_is_missing_is_neither_less_nor_more() -> None:
    nobody = facts(score=None, metric=None, text=None, language=None, label=None, probability=None, urgency=None)
    for condition in ("score < 3", "score >= 3", "probability > 0.5", '"a" in plain', '"a" in words', '"a" in text'):
        assert compile_condition(condition).test(nobody) is False
        assert compile_condition(f"not ({condition})").test(nobody) is True
    assert compile_condition("score == null and text == null").test(nobody) is True


# condition | what is marked | what is said of it
MISTAKES = [
    ('stance = "detractor"', "=", "=="),
    ("stance == detractor", "detractor", "quotation marks"),
    ('stance == "detracter"', '"detracter"', "Perhaps detractor"),
    ("scor < 3", "scor", "Perhaps score"),
    ('score < "3"', "score", "Only numbers"),
    ("score", "score", "neither true nor false"),
    ("mixed and not score", "score", "neither true nor false"),
    ("stance ==", "", "missing at the end"),
    ('(stance == "passive"', "", "bracket"),
    ('stance == "passive")', ")", "does not belong"),
    ("score < 3 < 5", "<", "does not belong"),
    ('"refund please" in words', '"refund please"', "not one word"),
    ('"delivry" in topics', '"delivry"', "Perhaps delivery"),
    ('"" in plain', '""', "missing"),
    ('mixed or "late" in risks', '"late"', "never late"),
    ('text =~ ".*a"', "=~", "Patterns"),
    ("9**9**9 == 1", "*", "computed"),
    ("score == 1 -3", "-3", "computed"),
    ("$random() > 1", "$", "means nothing"),
    ("[x for x in topics]", "x", "no field x"),
    ('1 < "a"', '1 < "a"', "compared"),
    ("mixed == 1", "mixed", "compared"),
    ('topics == "price"', "topics", "compared"),
    ("topics == topics and hurt == null", "hurt", "never null"),
    ('score in [1, "a"]', "score", "compared"),
    ('language in "es"', "language", "searched"),
    ('topics in ["a"]', "topics", "square brackets"),
    ("stance == “passive”", "“", "straight"),
    ('"abc', '"abc', "does not end"),
    ('text == "a\\n"', '"a\\n"', "backslash"),
    ("mixed && mixed", "&", "Write and"),
    ("mixed || mixed", "|", "Write or"),
    ("!mixed", "!", "Write not"),
    ("score == 1e5", "1", "number"),
    ("score == 01", "01", "number"),
    ("score == 3x", "3", "number"),
    ('r"x" == text', '"x"', "space"),
    ("stance.b == 1", "stance.b", "Only facts"),
    ("facts == 1", "facts", "A part of facts"),
    ("mixed\nand scor == 2", "scor", "Perhaps score"),
]


@pytest.mark.parametrize(("condition", "marked", "said"), MISTAKES)
def test_a_mistake_is_marked_at_its_place(condition: str, marked: str, said: str) -> None:
    with pytest.raises(WrongCondition) as caught:
        compile_condition(condition, topics=TOPICS)
    mistake = caught.value.mistake
    assert condition[mistake.start : mistake.end] == marked
    assert said in mistake.text % dict(mistake.values)


def test_place_is_told_in_lines_and_columns() -> None:
    with pytest.raises(Invalid) as caught:
        compile_condition('mixed\nand "a" in plain\nand scor == 2')
    assert caught.value.fields["condition"][0].startswith("line 3, column 5: ")


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "   \n ",
        "mixed or " * 300 + "mixed",
        "(" * 30 + "mixed" + ")" * 30,
        "not " * 60 + "mixed",
        '"' + "a" * LONGEST + '" in plain',
        "[" * 40,
        "facts" + ".a" * 900 + " == 1",
    ],
)
def test_what_is_huge_or_empty_is_refused(condition: str) -> None:
    with pytest.raises(WrongCondition):
        compile_condition(condition)


def test_the_longest_that_is_taken_can_be_asked() -> None:
    condition = " or ".join(["mixed"] * (MOST_TOKENS // 2))
    assert compile_condition(condition).test(facts(mixed=True)) is True
    nested = "mixed"
    for _ in range(18):
        nested = f"(mixed or {nested})"
    assert compile_condition(nested).test(facts()) is False


def test_why_says_what_was_looked_at_and_of_a_text_only_what_was_found() -> None:
    condition = compiled(
        'score <= 3 and ("rota" in plain or "nada" in plain) and facts.order.total > 1 and "vip" in tags'
    )
    assert condition.why(facts()) == {
        "score": 2,
        "plain": ["rota"],
        "tags": ["vip"],
        "facts.order.total": 120,
    }


def test_why_is_short_and_json_safe() -> None:
    condition = compiled("facts.a != 1 and facts.b != 1 and facts.c != 1")
    why = condition.why(facts(facts={"a": "x" * 5000, "b": float("nan"), "c": {"d": list(range(9000))}}))
    assert all(len(str(value)) < 200 for value in why.values())


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_example_of_the_help_can_be_asked(field: Any) -> None:
    condition = compile_condition(field.example, topics=TOPICS)
    assert field.name in condition.names
    assert condition.test(facts()) in (True, False)


def test_every_field_is_there() -> None:
    known = facts()
    assert [field.name for field in FIELDS if known[field.name] is known] == []
