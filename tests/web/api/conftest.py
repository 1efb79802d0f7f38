"""A program that talks to the API over a real house; every answer it gets is held to the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from voc.app.factory import create_app
from voc.db import Base
from voc.runtime import Runtime
from voc.security import tokens

PROBLEM = "application/problem+json"


@dataclass
class Program:
    """A client with a token. `wakes` counts how often the worker was woken."""

    runtime: Runtime
    app: Flask
    token: str
    document: dict[str, Any]
    wakes: list[int] = field(default_factory=list)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> TestResponse:
        """One request with the token, its answer checked against the document."""
        headers = {"Authorization": f"Bearer {token or self.token}", **more.pop("headers", {})}
        answer = self.client.open(path, method=method, headers=headers, **more)
        self.check(method, path, answer)
        return answer

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, body: Any, *, key: str | None = None, path: str = "/api/v1/feedback", **more: Any) -> TestResponse:
        """Send a body as JSON, or as it is when it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.ask("POST", path, data=data, headers=headers, **more)

    def new_token(self, *scopes: str) -> str:
        with self.runtime.db.writing() as session:
            return tokens.add(session, name="other", scopes=scopes, now=self.runtime.clock())

    def rows(self, model: type[Base]) -> list[Any]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model).order_by(*model.__table__.primary_key)))

    def everything(self) -> dict[str, list[Any]]:
        """All rows of all tables, to see whether anything was written."""
        with self.runtime.db.reading() as session:
            return {
                table.name: [tuple(row) for row in session.execute(select(table))]
                for table in Base.metadata.sorted_tables
            }

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Whether the document says that this operation answers so; failures have the one shape everywhere."""
        if answer.status_code >= 400:
            check_problem(answer)
        operation = self._operation(method, path)
        if operation is None:
            return
        described = self.resolve(operation["responses"][str(answer.status_code)])
        if answer.status_code < 400 or method != "HEAD":
            schema = described["content"][answer.content_type]["schema"]
            assert self.problems_with(schema, answer.json) == []
        assert set(described.get("headers", ())) <= set(answer.headers.keys())

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        adapter: MapAdapter = self.app.extensions["voc_api"].url_map.bind("localhost")
        try:
            rule, _ = adapter.match(path.partition("?")[0], method=method, return_rule=True)
        except HTTPException:
            return None
        documented = self.document["paths"].get(str(rule).replace("<uuid:", "{").replace(">", "}"), {})
        found: dict[str, Any] | None = documented.get(method.lower())
        return found

    def problems_with(self, schema: dict[str, Any], value: Any) -> list[str]:
        return problems_with(self.document, schema, value, "it")

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        return resolved(self.document, node)


def check_problem(answer: TestResponse) -> None:
    """The one error shape."""
    assert answer.content_type == PROBLEM
    body = answer.json
    assert isinstance(body, dict)
    assert set(body) == {"type", "title", "status", "detail", "code", *(["errors"] if "errors" in body else [])}
    assert body["type"] == "about:blank"
    assert body["status"] == answer.status_code
    assert ("errors" in body) == (answer.status_code == 422)
    assert all(isinstance(body[name], str) and body[name] for name in ("title", "detail", "code"))
    assert body["code"].isidentifier()
    assert "Traceback" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    if answer.status_code == 405:
        assert answer.headers["Allow"]
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) >= 1


def resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """What a node or its $ref is; KeyError when the reference leads nowhere."""
    while "$ref" in node:
        place: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            place = place[name]
        node = place
    return node


_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def problems_with(document: dict[str, Any], schema: dict[str, Any], value: Any, at: str) -> list[str]:
    """Where `value` differs from a schema of the document; only the words of JSON Schema that the document uses."""
    schema = resolved(document, schema)
    found: list[str] = []
    if "anyOf" in schema and all(problems_with(document, inner, value, at) for inner in schema["anyOf"]):
        found.append(f"{at} fits none of anyOf")
    types = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    if types and not any(_TYPES[name](value) for name in types):
        return [f"{at} is no {types}: {value!r}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is not among {schema['enum']}: {value!r}")
    if isinstance(value, dict):
        found += [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        others = schema.get("additionalProperties", {} if "properties" not in schema else None)
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, others)
            if inner is None or inner is False:
                found.append(f"{at}.{name} is not declared")
            elif inner is not True:
                found += problems_with(document, inner, item, f"{at}.{name}")
    if isinstance(value, list) and "items" in schema:
        found += [
            p for n, item in enumerate(value) for p in problems_with(document, schema["items"], item, f"{at}[{n}]")
        ]
    return found


def program_over(runtime: Runtime) -> Program:
    app = create_app(runtime)
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["admin"], now=runtime.clock())
    document = app.test_client().get("/api/openapi.json").json
    assert document is not None
    program = Program(runtime, app, token, document)
    runtime.wake = lambda: program.wakes.append(1)
    return program


@pytest.fixture
def program(sqlite_runtime: Runtime) -> Program:
    """A program over SQLite, where the database makes no difference."""
    return program_over(sqlite_runtime)


@pytest.fixture
def program_on_both(runtime: Runtime) -> Program:
    """A program over both databases in turn."""
    return program_over(runtime)
