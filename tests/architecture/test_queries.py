"""SELECT only in files called queries.py, commit only where units of work end."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

# Files that may hold a SELECT without being called queries.py, each with its reason.
MAY_SELECT: dict[str, str] = {}
# (file, function) that may end a transaction, each with its reason.
MAY_COMMIT = {
    ("voc/db/database.py", "Database.writing"): "the unit of work of edges and worker",
    ("voc/db/database.py", "Database.connecting"): "the same without a session: the intake writer on PostgreSQL",
    ("voc/db/database.py", "Database.rebuilding"): "migrations, which SQLite runs without watching references",
}

SELECTING = {"select", "exists", "union", "union_all", "lateral", "values"}
STATEMENT = re.compile(r"\s*(select|with\s+\w+\s+as)\b.*\bfrom\b|\s*select\s+\w+\s*\(", re.IGNORECASE | re.DOTALL)


def selects(source: Any) -> list[str]:
    """Places that read from the database by a statement; `session.get` by key is a look-up and allowed."""
    return [f"{source.at(node)} {what}" for node, what in sorted(_selects(source), key=lambda found: found[0].lineno)]


def _selects(source: Any) -> Iterator[tuple[Any, str]]:
    names = sqlalchemy_names(source)
    documentation = {id(node.value) for node in source.walk() if isinstance(node, ast.Expr)}
    for node in source.walk():
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if name in names or method == "query" or (method in SELECTING and ast.unparse(node.func).startswith("sa.")):
                yield node, f"{ast.unparse(node.func)}()"
        elif _is_statement(node) and id(node) not in documentation:
            yield node, repr(ast.literal_eval(node).strip()[:40])


def _is_statement(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(STATEMENT.match(node.value))


def sqlalchemy_names(source: Any) -> set[str]:
    """What `select` and its like are called in this file."""
    return {
        alias.asname or alias.name
        for node in source.walk()
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name in SELECTING
    }


def commits(source: Any) -> Iterator[tuple[str, str]]:
    """(place, function) of every commit and of every block that ends in one (`engine.begin()`).

    `begin` of a module of ours (`states.begin(session, ...)`) takes arguments; SQLAlchemy's takes none.
    """
    for name, function in source.functions():
        for node in _own(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr == "commit" or (node.func.attr == "begin" and not node.args):
                yield source.at(node), name


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
            yield from _own(child)


def test_selects_stand_in_queries(house: Any) -> None:
    elsewhere = [
        line
        for source in house.sources("voc", "plugins")
        if not source.path.endswith("/queries.py")
        and not source.path.startswith("voc/db/")
        and source.path not in MAY_SELECT
        for line in selects(source)
    ]
    assert elsewhere == []


def test_commits_stand_in_units_of_work(house: Any) -> None:
    elsewhere = [
        f"{place} {name}"
        for source in house.sources("voc", "plugins")
        for place, name in commits(source)
        if (source.path, name) not in MAY_COMMIT
    ]
    assert elsewhere == []


def twice(sources: list[Any]) -> list[str]:
    """Functions that stand in more than one file under the same name, doing the same; docstrings do not count."""
    seen: dict[tuple[str, str], str] = {}
    found = []
    for source in sources:
        for name, function in source.functions():
            documented = ast.get_docstring(function, clean=False) is not None
            body = "\n".join(ast.unparse(node) for node in function.body[documented:])
            place = seen.setdefault((name, body), source.path)
            if place != source.path:
                found.append(f"{name}: {place}, {source.path}")
    return found


def test_no_query_stands_twice(house: Any) -> None:
    assert twice([source for source in house.sources("voc") if source.path.endswith("/queries.py")]) == []


def test_exceptions_are_still_needed(house: Any) -> None:
    assert [path for path in MAY_SELECT if not selects(house.source(path))] == []
    used = {(source.path, name) for source in house.sources("voc") for _, name in commits(source)}
    assert set(MAY_COMMIT) - used == set()


def test_rules_find_what_they_are_for(made_up: Any) -> None:
    bad = made_up(
        "voc/x.py",
        "from sqlalchemy import select as choose\n"
        "def f(s, engine):\n"
        "    s.execute(choose(T))\n"
        "    s.query(T)\n"
        "    s.execute(text('SELECT id FROM t'))\n"
        "    s.commit()\n"
        "    with engine.begin(): pass\n",
    )
    assert [line.split()[0] for line in selects(bad)] == ["voc/x.py:3", "voc/x.py:4", "voc/x.py:5"]
    assert [name for _, name in commits(bad)] == ["f", "f"]
    good = made_up("voc/y.py", "def f(s):\n    'Select one from many.'\n    s.get(T, 1)\n    return 'Please select'\n")
    assert selects(good) == []
    again = made_up("voc/z.py", "def f(s):\n    'Other words.'\n    s.get(T, 1)\n    return 'Please select'\n")
    assert twice([good, again]) == ["f: voc/y.py, voc/z.py"]
