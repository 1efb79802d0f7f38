"""What the web process does not do before somebody asks for it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import BuildError, Rule

from voc.runtime import Runtime
from voc.web.addresses import LateRule

_START = """
import json, sys
from pathlib import Path
from voc.core.settings import load
from voc.runtime.instance import open_instance
from voc.app.factory import create_app
runtime = open_instance(load({}, instance=Path(sys.argv[1])), create=False)
create_app(runtime)
print(json.dumps(sorted(sys.modules)))
runtime.close()
"""
# Of the worker, of one command, of one vendor, of the first start.
_LATE = {
    "alembic",
    "holidays",
    "imap_tools",
    "mastodon",
    "nltk",
    "openpyxl",
    "psycopg",
    "quotequail",
    "requests",
    "rule_engine",
    "textblob",
}


def test_a_start_imports_no_library_of_the_worker(sqlite_runtime: Runtime) -> None:
    command = [sys.executable, "-c", _START, str(sqlite_runtime.settings.instance)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert sorted(_LATE & set(loaded)) == []
    assert "flask_security" in loaded


def addresses(kind: type[Rule], endpoint: str, **values: Any) -> list[str]:
    """What an application with rules of this kind builds, twice."""
    app = Flask("made_up")
    app.url_rule_class = kind
    for number, rule in enumerate(("/plain", "/é/<name>/x", "/<path:rest>", "/<int:page>")):
        app.add_url_rule(rule, endpoint=str(number))
    app.add_url_rule("/lists/", endpoint="list", defaults={"page": 1})
    app.add_url_rule("/lists/<int:page>", endpoint="list")
    with app.test_request_context():
        return [url_for(endpoint, **values), url_for(endpoint, **values, _external=True)]


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("0", {}),
        ("0", {"rule": "a b", "self": "&", "made": ["1", "2"], "values": "ñ"}),
        ("0", {"_anchor": "end"}),
        ("1", {"name": "a/b ñ"}),
        ("1", {"name": "x", "self": "1"}),
        ("2", {"rest": "a/b/c d"}),
        ("3", {"page": 7, "q": "x"}),
        ("list", {"page": 1}),
        ("list", {"page": 2}),
        ("list", {}),
    ],
)
def test_a_late_rule_builds_what_any_rule_builds(endpoint: str, values: dict[str, Any]) -> None:
    assert addresses(LateRule, endpoint, **values) == addresses(Rule, endpoint, **values)


@pytest.mark.parametrize(("endpoint", "values"), [("1", {}), ("3", {"page": "x"}), ("nobody", {})])
def test_a_late_rule_refuses_what_any_rule_refuses(endpoint: str, values: dict[str, Any]) -> None:
    for kind in (Rule, LateRule):
        with pytest.raises((BuildError, ValueError)):
            addresses(kind, endpoint, **values)


def test_nothing_is_compiled_before_an_address_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    plain = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> Any:
        compiled.append(rule.rule)
        return plain(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    app = Flask("made_up", static_folder=None)
    app.url_rule_class = LateRule
    app.add_url_rule("/one", endpoint="one", view_func=lambda: "")
    app.add_url_rule("/two", endpoint="two", view_func=lambda: "")
    assert compiled == []
    with app.test_request_context("/one"):
        assert url_for("two") == url_for("two") == "/two"
    assert compiled == ["/two"]
    assert app.test_client().get("/one").status_code == 200
