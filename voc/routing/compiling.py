"""From the syntax tree of a condition to one function, with the types checked and every mistake at its place.

The library's tree knows no places. It is walked in the order of the text, so its n-th name is the n-th name among the
tokens. Closures would do as well as a function made of Python's own syntax tree, at three times the price for each of
two hundred rules.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, NoReturn

from rule_engine import ast as grammar

from voc.analysis.folding import WORD, fold
from voc.routing.fields import BY_NAME, FOLDED, TOPIC_FIELDS, Field
from voc.routing.tokens import Mistake, Token, WrongCondition, unquoted

Facts = Mapping[str, Any]
Test = Callable[[Facts], bool]
Get = Callable[[Facts], Any]

_SHOWN, _SHOWN_ITEMS = 120, 20
_ORDERS: dict[str, type[ast.cmpop]] = {"lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE}


@dataclass(frozen=True, slots=True)
class Look:
    """A value that a condition looks at. `found`: words that are searched in it; then only those found are kept."""

    name: str
    get: Get
    found: tuple[str, ...] = ()

    def value(self, facts: Facts) -> Any:
        """What there was to see, JSON-safe and short."""
        seen = self.get(facts)
        if self.found and isinstance(seen, (str, frozenset, set)):
            return [word for word in self.found if word in seen]
        return shown(seen)

    def with_more(self, other: Look) -> Look:
        """Both in one."""
        return replace(self, found=tuple(dict.fromkeys((*self.found, *other.found))))


def shown(value: Any) -> Any:
    """A value as it is kept in an explanation."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
    if isinstance(value, (set, frozenset, tuple, list)):
        return sorted(str(item)[:_SHOWN] for item in value)[:_SHOWN_ITEMS]
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)[:_SHOWN]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a comparison: a field (`token`, `name`, `get`) or fixed (`value`); `code` reads it."""

    kind: str
    code: ast.expr
    get: Get
    value: Any = None
    token: Token | None = None
    field: Field | None = None
    name: str = ""


class Compiler:
    """Makes one test of one tree. `looks` collects what it looks at, in order."""

    def __init__(self, text: str, tokens: list[Token], topics: Collection[str] | None) -> None:
        self.looks: list[Look] = []
        self._text, self._tokens, self._topics = text, tokens, topics
        self._names = iter([token for token in tokens if token.kind == "name"])

    def compile(self, node: Any) -> Test:
        """The test of a whole tree; raises WrongCondition.

        What is run was put together here, piece by piece, of comparisons with fixed values: no text of anybody's.
        """
        argument = ast.arguments([], [ast.arg("facts")], None, [], [], None, [])
        tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(argument, self._test(node))))
        test: Test = eval(compile(tree, "<condition>", "eval"), {"__builtins__": {}, **_NAMES})  # noqa: S307
        return test

    def _test(self, node: Any) -> ast.expr:
        """The code of a node that is yes or no."""
        if isinstance(node, grammar.LogicExpression):
            return self._logic(node)
        if isinstance(node, grammar.UnaryExpression) and node.type == "not":
            return ast.UnaryOp(ast.Not(), self._test(node.right))
        if isinstance(node, grammar.ContainsExpression):
            member = self._side(node.member)
            return self._contains(member, node.container)
        if isinstance(node, grammar.ArithmeticComparisonExpression):
            return self._order(node.type, self._side(node.left), self._side(node.right))
        if type(node) is grammar.ComparisonExpression:
            same = self._equal(self._side(node.left), self._side(node.right))
            return same if node.type == "eq" else ast.UnaryOp(ast.Not(), same)
        return self._alone(self._side(node))

    def _logic(self, node: Any) -> ast.expr:
        """A chain of the same word: the library nests it to the left, here it is one step."""
        parts: list[Any] = []
        rest = node
        while isinstance(rest, grammar.LogicExpression) and rest.type == node.type:
            parts.append(rest.right)
            rest = rest.left
        tests = [self._test(part) for part in [rest, *reversed(parts)]]
        return ast.BoolOp(ast.And() if node.type == "and" else ast.Or(), tests)

    def _side(self, node: Any) -> _Side:
        """One side of a comparison, or a value that stands alone."""
        if isinstance(node, grammar.SymbolExpression):
            return self._field(())
        if isinstance(node, (grammar.GetAttributeExpression, grammar.GetItemExpression)):
            return self._field(self._path(node))
        if isinstance(node, grammar.StringExpression):
            return _fixed("text", node.value)
        if isinstance(node, grammar.FloatExpression):
            number = node.value
            return _fixed("number", int(number) if number == number.to_integral_value() else float(number))
        if isinstance(node, grammar.BooleanExpression):
            return _fixed("yes_no", node.value)
        if isinstance(node, grammar.NullExpression):
            return _fixed("null", None)
        return self._refuse(None, "This cannot stand here.")

    def _path(self, node: Any) -> tuple[str, ...]:
        """The keys behind `facts`, outermost first."""
        path: list[str] = []
        while not isinstance(node, grammar.SymbolExpression):
            if isinstance(node, grammar.GetAttributeExpression):
                path.append(node.name)
                node = node.object
            elif isinstance(node, grammar.GetItemExpression) and isinstance(node.item, grammar.StringExpression):
                path.append(node.item.value)
                node = node.container
            else:
                self._refuse(None, 'A part of facts is written facts.name or facts["name"].')
        return tuple(reversed(path))

    def _field(self, path: tuple[str, ...]) -> _Side:
        token = next(self._names)
        field = BY_NAME[token.text.split(".")[0]]
        if field.kind != "any":
            if path:
                self._refuse(token, "Only facts has parts: write facts.name.")
            return _Side(field.kind, _read(field.name), itemgetter(field.name), None, token, field, field.name)
        if not path:
            self._refuse(token, 'A part of facts is written facts.name or facts["name"].')
        return _Side(
            "any", _part(path), lambda facts: _deep(facts, path), None, token, field, ".".join(("facts", *path))
        )

    def _alone(self, side: _Side) -> ast.expr:
        if side.token is None and side.kind == "yes_no":
            return side.code
        if side.token is None or side.kind not in ("yes_no", "any"):
            self._refuse(side.token, "This is neither true nor false: compare it with something.")
        self._look(side)
        return _compare(side.code, ast.Is(), ast.Constant(True))

    def _equal(self, left: _Side, right: _Side) -> ast.expr:
        if left.token is None:
            left, right = right, left
        self._agree(left, right)
        self._look(left)
        self._look(right)
        if right.token is None:
            if left.kind == "list":
                self._refuse(left.token, "This is a list: ask with in what is in it.")
            self._check_choice(left, right.value)
            if right.kind == "null":
                return _compare(left.code, ast.Is(), right.code)
        if "any" in (left.kind, right.kind):
            return _call("_same", left.code, right.code)
        return _compare(left.code, ast.Eq(), right.code)

    def _order(self, word: str, left: _Side, right: _Side) -> ast.expr:
        for side, other in ((left, right), (right, left)):
            comparable = side.kind == "number" or side.kind == "any" or (side.kind == "text" and other.kind == "any")
            if not comparable:
                self._refuse(side.token or other.token, "Only numbers can be less or more.")
        self._look(left)
        self._look(right)
        if left.field is not None and left.kind == "number" and right.token is None and right.kind == "number":
            return _if_there(left, lambda value: _compare(value, _ORDERS[word](), right.code))
        if left.kind == "any" and right.kind == "number" and right.token is None:
            kind = ast.Attribute(ast.NamedExpr(ast.Name("value", ast.Store()), left.code), "__class__", ast.Load())
            is_number = _compare(kind, ast.In(), ast.Name("_NUMBERS", ast.Load()))
            value = ast.Name("value", ast.Load())
            return ast.BoolOp(ast.And(), [is_number, _compare(value, _ORDERS[word](), right.code)])
        return _call("_ordered", ast.Constant(word), left.code, right.code)

    def _contains(self, member: _Side, node: Any) -> ast.expr:
        if isinstance(node, grammar.ArrayExpression):
            return self._one_of(member, [self._side(item) for item in node.value])
        container = self._side(node)
        if member.kind == "null" or container.kind not in ("text", "list", "any") or container.token is None:
            self._refuse(container.token or member.token, "Nothing can be searched in this.")
        if member.kind != "text" and "any" not in (member.kind, container.kind):
            self._refuse(member.token or container.token, "Only a text can be searched here.")
        if member.token is not None or member.kind != "text":
            self._look(member)
            self._look(container)
            return _call("_contains", container.code, member.code)
        needle = self._needle(member, container)
        self.looks.append(Look(container.name, container.get, (needle.value,)))
        if container.kind == "any":
            return _call("_contains", container.code, needle.code)
        return _if_there(container, lambda whole: _compare(needle.code, ast.In(), whole))

    def _one_of(self, member: _Side, choices: list[_Side]) -> ast.expr:
        """`field in ["one", "two"]`: equal to one of them."""
        if member.token is None:
            self._refuse(None, "A field is missing here.")
        if member.kind == "list" or any(choice.token is not None for choice in choices):
            self._refuse(member.token, "In square brackets stand fixed values, before them a single one.")
        for choice in choices:
            self._agree(member, choice)
            self._check_choice(member, choice.value)
        self._look(member)
        values = tuple(choice.value for choice in choices)
        if member.kind in ("text", "number"):
            return _compare(member.code, ast.In(), _const(frozenset(values)))
        if not choices:
            return ast.Constant(False)
        return ast.BoolOp(ast.Or(), [_call("_same", member.code, choice.code) for choice in choices])

    def _needle(self, member: _Side, container: _Side) -> _Side:
        """What is searched, in the form in which it would be found."""
        value = member.value
        if container.name in FOLDED:
            value = fold(value).text
        elif container.name == "tags":
            value = value.lower()
        if not value.strip():
            self._refuse(self._beside(container.token, member.value), "What is to be searched is missing.")
        if container.name == "words" and not WORD.fullmatch(value):
            said = "This is not one word: search for it in plain."
            self._refuse(self._beside(container.token, member.value), said)
        self._check_choice(container, value)
        return _fixed("text", value)

    def _agree(self, left: _Side, right: _Side) -> None:
        """Refuse what can never be equal."""
        if left.token is None:
            self._refuse(None, "A field is missing here.")
        kinds = {left.kind, right.kind}
        if "null" in kinds:
            if left.field is not None and not left.field.may_be_null:
                self._refuse(left.token, "This is never null.")
        elif len(kinds) > 1 and "any" not in kinds:
            self._refuse(left.token, "These two cannot be compared.")

    def _check_choice(self, side: _Side, value: Any) -> None:
        """Refuse a word that a field can never hold: usually a slip of the pen."""
        if side.field is None or value is None or side.kind == "any":
            return
        choices: Collection[str] = side.field.choices
        if side.name in TOPIC_FIELDS and self._topics is not None:
            choices = self._topics
        elif not choices:
            return
        if value in choices:
            return
        from difflib import get_close_matches

        near = get_close_matches(str(value), choices, n=1, cutoff=0.6)
        said = "This is never %(value)s."
        values = {"value": str(value)}
        if near:
            said, values = "This is never %(value)s. Perhaps %(near)s is meant.", {**values, "near": near[0]}
        self._refuse(self._beside(side.token, value), said, values)

    def _beside(self, token: Token | None, value: Any) -> Token | None:
        """The fixed text nearest to a field that says `value`, to mark it; else the field itself."""
        if token is None:
            return None
        here = self._tokens.index(token)
        literals = [
            (abs(place - here), other)
            for place, other in enumerate(self._tokens)
            if other.kind == "text" and value in (unquoted(other.text), fold(unquoted(other.text)).text)
        ]
        return min(literals, key=lambda pair: pair[0])[1] if literals else token

    def _look(self, side: _Side) -> None:
        if side.token is not None:
            self.looks.append(Look(side.name, side.get))

    def _refuse(self, token: Token | None, text: str, values: Mapping[str, str] | None = None) -> NoReturn:
        start = token.start if token else self._tokens[0].start
        end = token.end if token else self._tokens[-1].end
        raise WrongCondition(self._text, Mistake(start, end, text, values or {}))


def _fixed(kind: str, value: Any) -> _Side:
    return _Side(kind, ast.Constant(value), lambda facts: value, value)


def _const(value: Any) -> ast.expr:
    """A fixed value; tuples and frozen sets are some too."""
    return ast.Constant(value)


def _read(name: str) -> ast.expr:
    return ast.Subscript(ast.Name("facts", ast.Load()), ast.Constant(name), ast.Load())


def _part(path: tuple[str, ...]) -> ast.expr:
    """A part of `facts`; the usual case, one key, without a call of ours."""
    if len(path) == 1:
        get = ast.Attribute(_read("facts"), "get", ast.Load())
        return ast.Call(get, [ast.Constant(path[0])], [])
    return _call("_deep", ast.Name("facts", ast.Load()), _const(path))


def _compare(left: ast.expr, operation: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [operation], [right])


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _if_there(side: _Side, test: Callable[[ast.expr], ast.expr]) -> ast.expr:
    """`test` of the value of a field; false when it is missing."""
    if side.field is None or not side.field.may_be_null:
        return test(side.code)
    there = _compare(ast.NamedExpr(ast.Name("value", ast.Store()), side.code), ast.IsNot(), ast.Constant(None))
    return ast.BoolOp(ast.And(), [there, test(ast.Name("value", ast.Load()))])


def _deep(facts: Facts, path: tuple[str, ...]) -> Any:
    """What stands in `facts` under these keys, one in the other; None where there is nothing."""
    value = facts["facts"]
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _family(value: Any) -> str:
    """Values of one family can be compared; true is no number."""
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, (int, float)):
        return "number"
    return "text" if isinstance(value, str) else "other"


def _same(one: Any, two: Any) -> bool:
    return _family(one) == _family(two) and bool(one == two)


def _ordered(word: str, one: Any, two: Any) -> bool:
    kind = _family(one)
    return kind in ("number", "text") and kind == _family(two) and bool(getattr(operator, word)(one, two))


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    if isinstance(whole, list):
        return any(_same(part, item) for item in whole)
    return isinstance(whole, (set, frozenset)) and isinstance(part, str) and part in whole


_NUMBERS = frozenset({int, float})
# All that the code of a condition can name beside its facts.
_NAMES = {"_same": _same, "_ordered": _ordered, "_contains": _contains, "_deep": _deep, "_NUMBERS": _NUMBERS}
