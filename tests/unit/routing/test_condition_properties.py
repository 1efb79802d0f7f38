"""Conditions held to what must be true of all of them: the library's own answers, no exception, the right place."""

from __future__ import annotations

import string
from typing import Any

import rule_engine
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.result import RISK_KINDS
from voc.routing.conditions import compile_condition
from voc.routing.facts import Known
from voc.routing.tokens import Mistake, WrongCondition, cut, unquoted

NUMBERS = ("score", "hurt", "length", "hour")
WORDS = {"stance": ("promoter", "passive", "detractor", "unknown"), "language": ("es", "pt", "en")}
FLAGS = ("mixed", "customer_known", "has_email")
LISTS = {"risks": RISK_KINDS}

numbers = st.builds(
    "{} {} {}".format,
    st.sampled_from(NUMBERS),
    st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
    st.integers(-5, 30),
)
words = st.sampled_from([f'{name} {op} "{w}"' for name, ws in WORDS.items() for w in ws for op in ("==", "!=")])
several = st.lists(st.sampled_from(WORDS["language"]), min_size=1, max_size=3).map(
    lambda items: "language in [{}]".format(", ".join(f'"{item}"' for item in items))
)
lists = st.sampled_from([f'"{w}" {op} {n}' for n, ws in LISTS.items() for w in ws for op in ("in", "not in")])
texts = st.text("abc ", min_size=1, max_size=3).filter(str.strip).map(lambda part: f'"{part}" in text')
leaves = st.one_of(numbers, words, several, lists, texts, st.sampled_from((*FLAGS, "true", "false")))
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=8,
)
known = st.fixed_dictionaries(
    {
        **{name: st.integers(-5, 30) for name in NUMBERS},
        **{name: st.sampled_from(values) for name, values in WORDS.items()},
        **{name: st.booleans() for name in FLAGS},
        **{name: st.sets(st.sampled_from(values)).map(frozenset) for name, values in LISTS.items()},
        "text": st.text("abcx ", max_size=12),
    }
)


def mistake(condition: str) -> Mistake | None:
    """What is wrong with it."""
    try:
        compile_condition(condition)
    except WrongCondition as error:
        return error.mistake
    return None


def as_the_library_sees(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: set(value) if isinstance(value, frozenset) else value for name, value in facts.items()}


@settings(max_examples=300, deadline=None)
@given(conditions, known)
def test_the_library_gives_the_same_answer(condition: str, facts: dict[str, Any]) -> None:
    expected = rule_engine.Rule(condition).matches(as_the_library_sees(facts))
    assert compile_condition(condition).test(Known(facts)) is expected


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
SHAPES = (
    "facts.a > 3", "3 <= facts.a", 'facts.a == "x"', "facts.a == null", "facts.a == facts.b", "facts.a < facts.b",
    '"x" in facts.a', "1 in facts.a", "facts.a in facts.b", "facts.a in [1, true, null]", "facts.a.b.c", "not facts.a",
    'facts.a in text', '"a" in plain or "a" in words', "score < facts.a", "facts.a != true", 'facts.a < "x"',
    "facts.a in tags", "unit == facts.a",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SHAPES), anything, anything, st.none() | st.text(max_size=20), st.none() | st.integers())
def test_no_fact_makes_a_condition_fail(condition: str, a: Any, b: Any, text: str | None, score: int | None) -> None:
    facts = Known(facts={"a": a, "b": b}, text=text, score=score, tags=frozenset({"x"}), unit=None)
    compiled = compile_condition(condition)
    assert compiled.test(facts) in (True, False)
    compiled.why(facts)


@settings(max_examples=400, deadline=None)
@given(st.text(string.printable + "“é\u00a0\x00", max_size=60))
def test_whatever_is_typed_is_taken_or_refused_at_a_place(condition: str) -> None:
    found = mistake(condition)
    if found is not None:
        assert 0 <= found.start <= found.end <= len(condition)
        assert min(found.place(condition)) >= 1


@settings(max_examples=200, deadline=None)
@given(st.lists(leaves, min_size=1, max_size=6), st.data())
def test_a_slip_is_marked_where_it_was_made(parts: list[str], data: Any) -> None:
    place = data.draw(st.integers(0, len(parts)))
    wrong = data.draw(st.sampled_from(('stance == "angry"', "score == true", "hurt", '"x" in hour', "topics == topic")))
    joined = data.draw(st.sampled_from((" and ", " or ", "\nor ")))
    condition = joined.join([*parts[:place], wrong, *parts[place:]])
    start = len(joined.join(parts[:place])) + (len(joined) if place else 0)
    found = mistake(condition)
    assert found is not None
    assert start <= found.start < found.end <= start + len(wrong)


@given(st.text(max_size=30))
def test_a_text_says_what_was_typed(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if "\n" in text:
        return
    (token,) = cut(quoted)
    assert unquoted(token.text) == text
