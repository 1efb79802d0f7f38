"""No print, and a broad except only at the three borders: plugin call, job run, request."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

BROAD = {"Exception", "BaseException"}
# (file, function) -> which border it is. One that cleans up and raises again is not meant.
BORDERS = {
    ("voc/plugin_host/guard.py", "_Caller._run"): "plugin call",
    ("voc/plugin_host/guard.py", "Guard._directly"): "plugin call, into a process of its own",
    ("voc/plugin_host/isolated/child.py", "Serving._answer"): "plugin call, in that process",
    ("voc/plugin_host/host.py", "PluginHost._add"): "plugin call: loading",
    ("voc/jobs/engine.py", "Engine._run"): "job run",
    ("voc/jobs/periodic.py", "run_due"): "job run: periodic work",
    ("voc/cli/mail.py", "receive"): "the mail server: whatever went wrong, the mail must be brought again",
    ("voc/process/parsing/child.py", "answer"): "the parser, in its limited child: whatever a mail makes it raise",
    ("voc/testkit/plugin.py", "_tried"): "plugin call: loading, in the conformance kit",
    ("voc/testkit/subject.py", "tried"): "plugin call, in the conformance kit: what it raises is what is looked at",
    ("voc/testkit/reaching.py", "_tried"): "plugin call, in the conformance kit: starting the vendor of its fixtures",
    ("voc/testkit/running.py", "_checked"): "plugin call: one rule of the conformance kit",
    ("voc/intake/writer.py", "Writer._write"): "request: whoever waits for the writer gets an answer",
}


def prints(source: Any) -> Iterator[str]:
    """Calls of print and pprint."""
    for node in source.walk():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "pprint"):
            yield source.at(node)


def broad_excepts(source: Any) -> Iterator[tuple[str, str]]:
    """(place, function) of every handler that keeps any exception, and of `suppress(Exception)`."""
    inside = _inside(source.tree, "module")
    for node in source.walk():
        if isinstance(node, ast.ExceptHandler):
            found = _is_broad(node.type) and not _raises_again(node)
        else:
            found = isinstance(node, ast.Call) and _is_suppress(node) and any(map(_is_broad, node.args))
        if found:
            yield source.at(node), inside[id(node)]


def _inside(node: ast.AST, name: str) -> dict[int, str]:
    """The qualified name of the function around every node."""
    found: dict[int, str] = {}
    for child in ast.iter_child_nodes(node):
        own = name
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            own = child.name if name == "module" else f"{name}.{child.name}"
        found[id(child)] = own
        found.update(_inside(child, own))
    return found


def _is_suppress(node: ast.Call) -> bool:
    return ast.unparse(node.func).split(".")[-1] == "suppress"


def _is_broad(kind: ast.expr | None) -> bool:
    names = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return kind is None or any(isinstance(name, ast.Name) and name.id in BROAD for name in names)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether the handler ends by raising what it caught."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_nobody_prints(house: Any) -> None:
    assert [line for source in house.sources("voc", "plugins", "migrations") for line in prints(source)] == []


def test_broad_excepts_stand_at_the_borders(house: Any) -> None:
    elsewhere = [
        f"{place} in {name}"
        for source in house.sources("voc", "plugins", "migrations")
        for place, name in broad_excepts(source)
        if (source.path, name) not in BORDERS
    ]
    assert elsewhere == []


def test_borders_are_still_there(house: Any) -> None:
    found = {(source.path, name) for source in house.sources("voc") for _, name in broad_excepts(source)}
    assert set(BORDERS) - found == set()


def test_rules_find_what_they_are_for(made_up: Any) -> None:
    bad = made_up(
        "voc/x.py",
        "class A:\n def f(self):\n  try: pass\n  except Exception: print(1)\n"
        "def g():\n try: pass\n except (KeyError, BaseException): pass\n"
        "def h():\n try: pass\n except: pass\n"
        "def i():\n with suppress(Exception): pass\n",
    )
    assert sorted(name for _, name in broad_excepts(bad)) == ["A.f", "g", "h", "i"]
    assert len(list(prints(bad))) == 1
    good = made_up("voc/y.py", "def f():\n try: pass\n except BaseException:\n  close()\n  raise\n")
    assert list(broad_excepts(good)) == []
