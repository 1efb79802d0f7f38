"""docs/api.md: its examples are run in order, and every address below /api/v1 is on it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from voc.api import problems
from voc.api.problems import Problem
from voc.app.factory import create_app
from voc.app.server import CODES
from voc.jobs.engine import Engine
from voc.runtime import Runtime
from voc.security import tokens

BLOCK = re.compile(r"```(sh|json \d{3})\n(.*?)```", re.DOTALL)
SCOPES = ["feedback:write", "feedback:read", "cases:read"]
ANY = "…"


def examples(page: str) -> Iterator[tuple[list[str], int, Any]]:
    """(words of the command, status, answer) of every example."""
    blocks = BLOCK.findall(page)
    assert blocks
    assert len(blocks) % 2 == 0
    for (first, command), (second, answer) in zip(blocks[::2], blocks[1::2], strict=True):
        assert (first, second[:4]) == ("sh", "json"), f"an answer must follow: {command}"
        yield shlex.split(command.replace("\\\n", " ")), int(second[5:]), json.loads(answer)


def request_of(words: list[str], names: dict[str, str]) -> dict[str, Any]:
    """What the command sends; `names` are the tokens by the variable that holds them."""
    assert words[0] == "curl"
    headers, data, url = {}, None, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, value = next(rest).split(": ", 1)
            for variable, token in names.items():
                value = value.replace(variable, token)
            headers[name] = value
        elif word == "-d":
            data = next(rest).encode()
        else:
            url = word
    path = url.removeprefix("http://127.0.0.1:8080")
    return {"path": path, "method": "GET" if data is None else "POST", "headers": headers, "data": data}


def differences(wanted: Any, found: Any, place: str = "answer") -> list[str]:
    """Where an answer is not as the page says; `…` stands for anything, as a name for more names."""
    if wanted in (ANY, found):
        return []
    if isinstance(wanted, dict) and isinstance(found, dict):
        more = set(found) - set(wanted) if ANY not in wanted else set()
        missing = set(wanted) - set(found) - {ANY}
        inner = [differences(wanted[name], found[name], f"{place}.{name}") for name in wanted if name in found]
        return [f"{place}: {sorted(more | missing)}"] * bool(more | missing) + [
            line for lines in inner for line in lines
        ]
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        pairs = zip(wanted, found, strict=True)
        return [line for number, pair in enumerate(pairs) for line in differences(*pair, f"{place}[{number}]")]
    return [f"{place}: {found!r} instead of {wanted!r}"]


@pytest.fixture
def names(sqlite_runtime: Runtime) -> dict[str, str]:
    """The two tokens of the page."""
    with sqlite_runtime.db.writing() as session:
        return {
            "$VOC_TOKEN": tokens.add(session, name="shop", scopes=SCOPES, now=sqlite_runtime.clock()),
            "$VOC_ADMIN": tokens.add(session, name="setup", scopes=["admin"], now=sqlite_runtime.clock()),
        }


def test_examples_are_answered_as_written(house: Any, sqlite_runtime: Runtime, names: dict[str, str]) -> None:
    client = create_app(sqlite_runtime).test_client()
    seen = []
    for words, status, wanted in examples(house.page("api.md")):
        answer = client.open(**request_of(words, names))
        assert (answer.status_code, differences(wanted, answer.json)) == (status, []), answer.text
        seen.append(answer.json)
        Engine(sqlite_runtime, worker="test").drain("flow")
    # The repeat is the same feedback.
    assert seen[2] == seen[3]


def test_every_address_is_described(house: Any, sqlite_runtime: Runtime) -> None:
    page = house.page("api.md")
    rules = create_app(sqlite_runtime).extensions["voc_api"].url_map.iter_rules()
    missing = []
    for rule in rules:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        if rule.rule.startswith("/api/v1"):
            missing += [f"{m} {path}" for m in rule.methods - {"HEAD", "OPTIONS"} if f"`{m} {path}`" not in page]
        elif f"`{path}`" not in page and "{" not in path:
            missing.append(path)
    assert missing == []


def test_every_code_is_described(house: Any) -> None:
    """Codes are what programs look at. Left out is one that no operation of today can answer with."""
    page = house.page("api.md")
    calls = [
        node
        for source in house.sources("voc/api")
        for node in source.walk()
        if type(node).__name__ == "Call" and getattr(node.func, "id", "") == Problem.__name__ and len(node.args) > 1
    ]
    codes = {node.args[1].value for node in calls if isinstance(getattr(node.args[1], "value", None), str)}
    assert codes
    # What Werkzeug and the server refuse by themselves has a code too.
    codes |= {code for code, _ in problems._KNOWN.values()} | set(CODES.values())
    assert sorted(code for code in codes - {"forbidden"} if f"`{code}`" not in page) == []


def test_every_scope_is_described(house: Any) -> None:
    from voc.core.vocabulary import Scope

    assert [scope.value for scope in Scope if f"| `{scope.value}` |" not in house.page("api.md")] == []


def test_comparison_finds_what_differs() -> None:
    assert differences({"a": ANY, "b": [1]}, {"a": 5, "b": [1]}) == []
    assert differences({"a": 1}, {"a": 2, "b": 3}) == ["answer: ['b']", "answer.a: 2 instead of 1"]
    assert differences({"a": 1, ANY: ANY}, {"a": 1, "b": 3}) == []
