"""Conditions: read with the grammar of `rule-engine`, checked against the table of fields, made into functions.

The library reads (precedence, quotation marks, syntax errors with their place). What may stand in a condition, which
types go together and where a mistake is, is decided here; and a condition is asked here, because the library's own
evaluator takes eighty times as long as may be. A property test holds both to the same answers.

What is missing (null) is equal to nothing but null, is never less or more than anything, and contains nothing.
A condition has no side effect, raises nothing whatever the facts are, and takes time linear in the text.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from voc.routing.fields import BY_NAME
from voc.routing.tokens import DEEPEST, KEYWORDS, Mistake, Token, WrongCondition, cut

if TYPE_CHECKING:
    from voc.routing.compiling import Look

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]

_reading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that can be asked. `looks` are the values it looks at; `names` their fields."""

    text: str
    test: Test
    looks: tuple[Look, ...]
    names: frozenset[str]

    def why(self, facts: Facts) -> dict[str, Any]:
        """The values it looked at, JSON-safe and short: of a searched text only what was found in it."""
        return {look.name: look.value(facts) for look in self.looks}


@lru_cache(maxsize=2000)
def compiled(text: str) -> Condition:
    """The condition, compiled once in this process; raises WrongCondition. Topics are not looked up."""
    return compile_condition(text)


def compile_condition(text: str, *, topics: Collection[str] | None = None) -> Condition:
    """Read, check and compile a condition; raises WrongCondition with the place of the first mistake.

    `topics` are the keys of the topics there are; None: any word is taken for one.
    """
    tokens = cut(text)
    _check_names(text, tokens)
    from voc.routing.compiling import Compiler

    compiler = Compiler(text, tokens, topics)
    test = compiler.compile(_expression(text, tokens))
    looks = tuple(dict.fromkeys(compiler.looks))
    return Condition(text, test, _merged(looks), frozenset(look.name.split(".")[0] for look in looks))


def _merged(looks: tuple[Look, ...]) -> tuple[Look, ...]:
    """One look for each name: what is searched for in one text in several places belongs together."""
    found: dict[str, Look] = {}
    for look in looks:
        known = found.get(look.name)
        found[look.name] = look if known is None else known.with_more(look)
    return tuple(found.values())


def _check_names(text: str, tokens: list[Token]) -> None:
    """Every name must be a field; only `facts` has parts of its own."""
    for token in tokens:
        if token.kind != "name":
            continue
        first, dot, _ = token.text.partition(".")
        if first not in BY_NAME:
            raise WrongCondition(text, _unknown_name(token, first))
        if dot and first != "facts":
            raise WrongCondition(text, Mistake(token.start, token.end, "Only facts has parts: write facts.name."))
        if token.text.count(".") > DEEPEST:
            raise WrongCondition(text, Mistake(token.start, token.end, "The condition is nested too deeply."))


def _unknown_name(token: Token, name: str) -> Mistake:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), [*BY_NAME, *KEYWORDS], n=1, cutoff=0.6)
    if near:
        values = {"name": name, "near": near[0]}
        return Mistake(token.start, token.end, "There is no field %(name)s. Perhaps %(near)s is meant.", values)
    return Mistake(
        token.start, token.end, "There is no field %(name)s. A text stands between quotation marks.", {"name": name}
    )


def _expression(text: str, tokens: list[Token]) -> Any:
    """The syntax tree of the library. It is imported here: building its tables takes a third of a second."""
    import rule_engine

    # The library's parser and lexer are one object for the whole process.
    with _reading:
        try:
            return rule_engine.Rule(text, context=rule_engine.Context(default_timezone="utc")).statement.expression
        except rule_engine.errors.RuleSyntaxError as error:
            raise WrongCondition(text, _syntax(text, tokens, getattr(error.token, "lexpos", None))) from None
        except rule_engine.errors.EngineError:
            # It folds what is fixed while it reads, and so meets `1 < "a"`.
            raise WrongCondition(text, _fixed(tokens)) from None


def _syntax(text: str, tokens: list[Token], place: int | None) -> Mistake:
    if place is None:
        end = tokens[-1].end
        opened = sum((token.text == "(") - (token.text == ")") for token in tokens if token.kind == "sign")
        said = "A closing bracket is missing." if opened > 0 else "Something is missing at the end."
        return Mistake(end, min(end + 1, len(text)) if end < len(text) else end, said)
    at = next((token for token in tokens if token.start <= place < token.end), None)
    start, end = (at.start, at.end) if at else (place, place + 1)
    return Mistake(start, end, "This does not belong here.")


def _fixed(tokens: list[Token]) -> Mistake:
    """Two fixed values that cannot be compared with each other."""
    fixed = ("text", "number")
    for first, middle, last in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if first.kind in fixed and last.kind in fixed and middle.kind in ("sign", "keyword"):
            return Mistake(first.start, last.end, "These two cannot be compared.")
    return Mistake(tokens[0].start, tokens[-1].end, "These two cannot be compared.")
