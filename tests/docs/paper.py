"""A page of the docs as somebody follows it: what to write into which file, what to type, and what is then seen.

A file stands behind its name: "`parley/play.py`:", or ", all of it", ", everything above `check`", ", above `check`",
", instead of `read` and `_identity`". What is typed stands in blocks of the kind `console`, behind `$`; words after
the kind name another terminal, where it keeps running. In what is seen, `…` is anything: a piece of a line, or any
lines. `<!-- by hand: WHAT -->` is for what a person does elsewhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_STEP = re.compile(
    r"^`(?P<path>[\w./-]+)`(?:, (?P<how>[^\n]+?))?:\n\n```\w*\n(?P<text>.*?)^```$"
    r"|^```console(?P<terminal>[^\n]*)\n(?P<console>.*?)^```$"
    r"|^<!-- by hand: (?P<hand>\w+) -->\n(?:\n(?P<quoted>(?:>[^\n]*\n)+))?"
    r"|^```(?P<kind>\w*)\n(?P<shown>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class File:
    """Something to write; `how` is where it goes in a file that is there."""

    path: str
    how: str
    text: str


@dataclass(frozen=True, slots=True)
class Typed:
    """One command and what is seen then; `command` is empty when more is seen of one that runs already."""

    terminal: str
    command: str
    seen: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person does on a screen."""

    what: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A block that is only shown."""

    kind: str
    text: str


Step = File | Typed | ByHand | Shown


def steps(page: str) -> Iterator[Step]:
    """Everything that a reader does, in order."""
    for found in _STEP.finditer(page):
        if found["path"]:
            yield File(found["path"], found["how"] or "all of it", found["text"])
        elif found["console"] is not None:
            yield from _typed(found["terminal"].strip(), found["console"])
        elif found["hand"]:
            quoted = (found["quoted"] or "").splitlines()
            yield ByHand(found["hand"], "\n".join(line[1:].strip() for line in quoted))
        else:
            yield Shown(found["kind"], found["shown"])


def _typed(terminal: str, text: str) -> Iterator[Typed]:
    before, *commands = re.split(r"^\$ ", text, flags=re.MULTILINE)
    if before:
        yield Typed(terminal, "", before)
    for item in commands:
        command, _, seen = item.partition("\n")
        yield Typed(terminal, command, seen)


def is_seen(wanted: str, output: str) -> bool:
    """Whether this is what the page says is seen."""
    parts = []
    for line in wanted.splitlines():
        piece = ".*".join(re.escape(part) for part in line.rstrip().split("…"))
        parts.append(r"(?:.*\n)*?" if line.strip() == "…" else rf"{piece}[ ]*\n")
    text = "".join(f"{line}\n" for line in output.splitlines())
    return re.fullmatch("".join(parts), text) is not None


def put_in(source: str, how: str, text: str) -> str:
    """`source` with `text` where the page says; raises LookupError when that place is not there."""
    if how == "all of it":
        return text
    text = f"{text.strip(chr(10))}\n{_gap(text)}"
    names = re.findall(r"`([\w.]+)`", how)
    places = _definitions(source)
    if missing := [name for name in names if name not in places]:
        raise LookupError(f"there is no {missing[0]} in the file")
    lines = source.splitlines(keepends=True)
    first = min(places[name][0] for name in names)
    if how.startswith("everything above"):
        return text + "".join(lines[first:])
    if how.startswith("above"):
        return "".join([*lines[:first], text, *lines[first:]])
    if not how.startswith("instead of"):
        raise LookupError(f"{how!r} is no place")
    gone = {number for name in names for number in range(*places[name])}
    kept = [(number, line) for number, line in enumerate(lines) if number not in gone]
    above = [line for number, line in kept if number < first]
    return "".join([*above, text, *[line for number, line in kept if number > first]])


def _gap(text: str) -> str:
    """The blank lines below it: one within a class, two between functions."""
    indent, what = [("", ""), *re.findall(r"^( *)(def|class) ", text, re.MULTILINE)][-1]
    within = indent or what == "class" or (not what and text.startswith(" "))
    return "\n" if within else "\n\n"


def _definitions(source: str) -> dict[str, tuple[int, int]]:
    """Name → its lines (from 0, end exclusive) with comments and decorators above and blank lines below."""
    lines = source.splitlines()
    found: dict[str, tuple[int, int]] = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, (ast.Module, ast.ClassDef)):
            continue
        for item in node.body:
            if name := _name(item):
                begin = min([item.lineno, *(mark.lineno for mark in getattr(item, "decorator_list", []))]) - 1
                while lines[begin - 1].lstrip().startswith("#"):
                    begin -= 1
                end = item.end_lineno or item.lineno
                while end < len(lines) and not lines[end].strip():
                    end += 1
                found[name] = (begin, end)
    return found


def _name(item: ast.stmt) -> str:
    if isinstance(item, (ast.FunctionDef, ast.ClassDef)):
        return item.name
    if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
        return item.targets[0].id
    return ""
