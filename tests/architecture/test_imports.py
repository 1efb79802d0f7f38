"""What may be imported where, read from the files: Flask at the edges, bundled plugins, the contract."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

EDGES = {"cli", "app", "wsgi", "api", "web"}
WEB_FRAMEWORK = ("flask", "werkzeug", "wtforms", "jinja2")
# delivery draws its mails with Jinja templates; that is no web framework.
JINJA_ROOMS = {"delivery"}


def imported(source: Any) -> Iterator[tuple[ast.AST, str, int]]:
    """(node, dotted name, level) of every import, those inside functions included; level 0 is absolute."""
    for node in source.walk():
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or "", node.level


def flask_below_the_edges(source: Any) -> list[str]:
    """Imports of the web framework in a room that is no edge."""
    if source.room in EDGES:
        return []
    allowed = ("jinja2",) if source.room in JINJA_ROOMS else ()
    return [
        f"{source.at(node)} imports {name}"
        for node, name, level in imported(source)
        if not level and name.startswith(WEB_FRAMEWORK) and not name.startswith(allowed or ("\0",))
    ]


def beyond_the_contract(source: Any) -> list[str]:
    """Imports of a bundled plugin that reach into voc behind `voc.plugin`, or out of its own folder; its fixtures also
    import the conformance kit, and nothing of the plugin imports them."""
    depth = source.path.count("/") - 1
    found = []
    for node, name, level in imported(source):
        top = name.split(".")[0]
        if level and name.split(".")[0] == "fixtures" and not source.path.endswith("/fixtures.py"):
            found.append(f"{source.at(node)} imports fixtures, which are for the conformance kit")
        if level > depth or (not level and top in ("plugins", "voc_plugins")):
            found.append(f"{source.at(node)} reaches into another plugin")
        elif not level and name == "voc.testkit" and source.path.endswith("/fixtures.py"):
            continue
        elif not level and top == "voc" and name != "voc.plugin":
            found.append(f"{source.at(node)} imports {name}; a plugin may import voc.plugin and nothing behind it")
    return found


def more_than_the_standard_library(source: Any) -> list[str]:
    """Imports of the contract that its users would have to install."""
    allowed = {*sys.stdlib_module_names, "pluggy"}
    return [
        f"{source.at(node)} imports {name}"
        for node, name, level in imported(source)
        if not level and name.split(".")[0] not in allowed and not (name + ".").startswith("voc.plugin.")
    ]


def test_no_flask_below_the_edges(house: Any) -> None:
    assert [line for source in house.sources("voc") for line in flask_below_the_edges(source)] == []


def test_bundled_plugins_see_only_the_contract(house: Any) -> None:
    assert [line for source in house.sources("plugins") for line in beyond_the_contract(source)] == []


def test_contract_needs_only_the_standard_library_and_pluggy(house: Any) -> None:
    assert [line for source in house.sources("voc/plugin") for line in more_than_the_standard_library(source)] == []


def test_importing_the_contract_loads_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import voc.plugin; "
        "print(*sorted({n.split('.')[0] for n in set(sys.modules) - before} - set(sys.stdlib_module_names)), "
        "*sorted(n for n in sys.modules if n.startswith('voc.') and not n.startswith('voc.plugin')))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["pluggy", "voc"]


def test_rules_find_what_they_are_for(made_up: Any) -> None:
    inner = "def f():\n    from flask import request\n"
    assert flask_below_the_edges(made_up("voc/cases/x.py", inner)) == ["voc/cases/x.py:2 imports flask"]
    assert flask_below_the_edges(made_up("voc/web/x.py", inner)) == []
    assert flask_below_the_edges(made_up("voc/delivery/x.py", "import jinja2")) == []
    assert (
        beyond_the_contract(made_up("plugins/a/__init__.py", "from voc.plugin import Channel\nfrom . import b")) == []
    )
    assert len(beyond_the_contract(made_up("plugins/a/__init__.py", "import voc.core.text"))) == 1
    assert beyond_the_contract(made_up("plugins/a/fixtures.py", "from voc.testkit import Fixtures")) == []
    assert len(beyond_the_contract(made_up("plugins/a/__init__.py", "from voc.testkit import Fixtures"))) == 1
    assert len(beyond_the_contract(made_up("plugins/a/__init__.py", "from .fixtures import X"))) == 1
    assert len(beyond_the_contract(made_up("plugins/a/__init__.py", "from ..b import c"))) == 1
    assert len(beyond_the_contract(made_up("plugins/a/__init__.py", "from voc.plugin.spec import x"))) == 1
    assert len(more_than_the_standard_library(made_up("voc/plugin/x.py", "import sqlalchemy"))) == 1
    assert more_than_the_standard_library(made_up("voc/plugin/x.py", "import json, pluggy, voc.plugin.form")) == []
