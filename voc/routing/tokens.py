"""Cutting a condition into its pieces, and refusing at their place those that the language does not have.

The grammar of the library behind it can do more than a condition should: arithmetic (`9**9**9` is computed while it
is read), patterns, loops, functions. Only what is let through here ever reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from voc.core.errors import Invalid

LONGEST = 2000
MOST_TOKENS = 300
DEEPEST = 20
MOST_NOTS = 40

KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})

TokenKind = Literal["text", "number", "name", "keyword", "sign"]

# Each alternative begins with other characters, and nothing is repeated inside a repetition: linear time.
_TOKEN = re.compile(
    r"""(?P<space>[ \t\n]+)
      | (?P<text>"(?:[^"\\\n]|\\["'\\])*"|'(?:[^'\\\n]|\\["'\\])*')
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<sign>==(?!=)|!=(?!=)|<=|>=|<(?!<)|>(?!>)|[()\[\],])""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?")

_NO_NUMBER = "This number cannot be read."
_NO_SIGN = "This sign means nothing here."
_OPEN_TEXT = "This text does not end: the closing quotation mark is missing, or there is a backslash in it."
_PATTERN = "Patterns are not offered: search with in, as in the examples."
# What people write who know another language, longest first, and what to say to them.
_HINTS = (
    ("=~", _PATTERN),
    ("!~", _PATTERN),
    ("=", "One sign too few: write == to compare."),
    ("&", "Write and between two conditions."),
    ("|", "Write or between two conditions."),
    ("!", "Write not before a condition."),
    ('"', _OPEN_TEXT),
    ("'", _OPEN_TEXT),
    *((sign, "Write straight quotation marks around a text.") for sign in "“”„«»‘’`´"),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a condition and where: half-open offsets; `values` fill the placeholders of `text`."""

    start: int
    end: int
    text: str
    values: Mapping[str, str] = field(default_factory=dict)

    def place(self, condition: str) -> tuple[int, int]:
        """(line, column) of it, both counted from 1."""
        before = condition[: self.start]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class WrongCondition(Invalid):
    """A condition has a mistake; `mistake` says which and where, `fields` says it in one English line."""

    def __init__(self, condition: str, mistake: Mistake) -> None:
        self.condition = condition
        self.mistake = mistake
        line, column = mistake.place(condition)
        said = mistake.text % dict(mistake.values)
        super().__init__(fields={"condition": [f"line {line}, column {column}: {said}"]})


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a condition."""

    kind: TokenKind
    text: str
    start: int
    end: int


def cut(condition: str) -> list[Token]:
    """The pieces of `condition`, in order, spaces left out; raises WrongCondition at the first that cannot be."""
    if not condition.strip():
        raise WrongCondition(condition, Mistake(0, 0, "The condition is missing."))
    if len(condition) > LONGEST:
        raise WrongCondition(condition, Mistake(LONGEST, len(condition), "The condition is too long: 2,000 at most."))
    tokens: list[Token] = []
    place = 0
    while place < len(condition):
        match = _TOKEN.match(condition, place)
        if match is None:
            raise WrongCondition(condition, _unknown(condition, place))
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(_token(condition, match, tokens))
        place = match.end()
    _check_size(condition, tokens)
    return tokens


def _token(condition: str, match: re.Match[str], before: list[Token]) -> Token:
    kind, text = match.lastgroup, match.group()
    start, end = match.span()
    if before and before[-1].end == start and kind != "sign" and before[-1].kind != "sign":
        raise WrongCondition(condition, Mistake(start, end, "A space is missing here."))
    if kind == "number":
        _check_number(condition, match, before)
    if kind == "name":
        return Token("keyword" if text in KEYWORDS else "name", text, start, end)
    return Token("text" if kind == "text" else "number" if kind == "number" else "sign", text, start, end)


def _check_number(condition: str, match: re.Match[str], before: list[Token]) -> None:
    start, end = match.span()
    if not _NUMBER.fullmatch(match.group()):
        raise WrongCondition(condition, Mistake(start, end, _NO_NUMBER))
    # A minus after a value would be a subtraction.
    after = before and (before[-1].kind in ("text", "number", "name") or before[-1].text in (")", "]"))
    if after and match.group().startswith("-"):
        raise WrongCondition(condition, Mistake(start, end, "Nothing can be computed in a condition."))


def _unknown(condition: str, place: int) -> Mistake:
    rest = condition[place : place + 2]
    if rest[0].isdigit():
        return Mistake(place, place + 1, _NO_NUMBER)
    if rest[0] in "+-*/%^":
        return Mistake(place, place + 1, "Nothing can be computed in a condition.")
    sign, hint = next(((sign, said) for sign, said in _HINTS if rest.startswith(sign)), (rest[:1], _NO_SIGN))
    if sign in ("'", '"'):
        line_end = condition.find("\n", place)
        return Mistake(place, len(condition) if line_end < 0 else line_end, hint)
    return Mistake(place, place + len(sign), hint)


def _check_size(condition: str, tokens: list[Token]) -> None:
    """Bounds that keep reading and asking cheap, whatever is written."""
    if len(tokens) > MOST_TOKENS:
        extra = tokens[MOST_TOKENS]
        raise WrongCondition(condition, Mistake(extra.start, extra.end, "The condition has too many parts."))
    depth = nots = 0
    for token in tokens:
        depth += (token.text in ("(", "[")) - (token.text in (")", "]")) if token.kind == "sign" else 0
        nots += token.kind == "keyword" and token.text == "not"
        if depth > DEEPEST or nots > MOST_NOTS:
            raise WrongCondition(condition, Mistake(token.start, token.end, "The condition is nested too deeply."))


def unquoted(text: str) -> str:
    """What a text between quotation marks says."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])
