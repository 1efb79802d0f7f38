"""The OpenAPI document: complete, resolvable, in agreement with what runs; its page needs nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import Schema

from voc.api import incoming
from voc.api.customers import CustomerQuery
from voc.api.emerging import EmergingQuery
from voc.api.pages import CaseQuery, FeedbackQuery
from voc.core.vocabulary import Scope

METHODS = {"get", "put", "post", "delete", "patch"}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield path, method, item[method]


def test_is_openapi_3_1(program: Any) -> None:
    document = program.document
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"]
    assert document["info"]["version"] == "v1"
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert set(document) == {"openapi", "info", "servers", "tags", "paths", "components"}


def test_every_reference_leads_somewhere(program: Any) -> None:
    used = {node["$ref"] for node in nodes(program.document) if isinstance(node.get("$ref"), str)}
    for reference in used:
        program.resolve({"$ref": reference})
    declared = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in program.document["components"][kind]
    }
    assert declared <= used, "declared and never used"


def test_every_address_is_documented_with_its_methods(program: Any) -> None:
    expected = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)), method.lower())
        for rule in program.app.extensions["voc_api"].url_map.iter_rules()
        if str(rule).startswith("/api/v1/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(program.document)} == expected


def test_every_operation_says_enough(program: Any) -> None:
    names = []
    for path, method, operation in operations(program.document):
        names.append(operation["operationId"])
        assert operation["summary"], path
        assert operation["description"], path
        (security,) = operation["security"]
        assert set(security["bearer"]) <= {scope.value for scope in Scope}
        assert security["bearer"][0] in operation["description"]
        assert {"401", "403", "500", "503"} <= set(operation["responses"])
        assert ("404" in operation["responses"]) == ("{" in path)
        if method == "post":
            assert {"400", "413", "415", "422"} <= set(operation["responses"])
        placed = re.findall(r"{(\w+)}", path)
        declared = [p["name"] for p in program.document["paths"][path].get("parameters", []) if p["in"] == "path"]
        assert declared == placed
    assert len(names) == len(set(names))


def test_every_answer_has_an_example_that_fits(program: Any) -> None:
    for path, _, operation in operations(program.document):
        for status, response in operation["responses"].items():
            for kind, content in program.resolve(response)["content"].items():
                assert kind == ("application/json" if status < "400" else "application/problem+json")
                wrong = program.problems_with(content["schema"], content["example"])
                assert wrong == [], (path, status, wrong)


def test_every_request_example_is_accepted(program: Any) -> None:
    content = program.document["paths"]["/api/v1/feedback"]["post"]["requestBody"]["content"]["application/json"]
    assert len(content["examples"]) >= 3
    for name, example in content["examples"].items():
        assert program.problems_with(content["schema"], example["value"]) == []
        _, errors = incoming.read(example["value"], slug="api-shop", now=datetime(2026, 3, 4, tzinfo=UTC))
        assert errors == {}, name
        assert program.post(example["value"]).status_code == 201


def test_examples_of_rules_are_accepted(program: Any) -> None:
    for path, method, body in (("/api/v1/rules", "post", {}), ("/api/v1/rules/{rule_id}", "put", {"version": 1})):
        content = program.document["paths"][path][method]["requestBody"]["content"]["application/json"]
        for name, example in content["examples"].items():
            assert program.problems_with(content["schema"], example["value"]) == []
            sent = {key: value for key, value in example["value"].items() if key not in body}
            assert program.post(sent, path="/api/v1/rules").status_code == 201, name


def test_the_least_body_is_in_the_schema(program: Any) -> None:
    schema = {"$ref": "#/components/schemas/FeedbackIn"}
    assert program.problems_with(schema, {"unit": "Lima"})
    assert program.problems_with(schema, {"text": "a", "extra": 1})
    assert program.problems_with(schema, {"metric": "nps", "score": True})
    assert not program.problems_with(schema, {"metric": "nps", "score": 0})


QUERIES = [
    ("/api/v1/feedback", FeedbackQuery),
    ("/api/v1/cases", CaseQuery),
    ("/api/v1/customers", CustomerQuery),
    ("/api/v1/emerging", EmergingQuery),
]


@pytest.mark.parametrize(("path", "schema"), QUERIES)
def test_query_parameters_are_those_that_are_read(program: Any, path: str, schema: type[Schema]) -> None:
    parameters = program.document["paths"][path]["get"]["parameters"]
    assert {p["name"] for p in parameters} == set(schema().fields)
    assert all(p["in"] == "query" and p["description"] and not p["required"] for p in parameters)


def test_every_property_is_described(program: Any) -> None:
    for name, schema in program.document["components"]["schemas"].items():
        for field, described in schema["properties"].items():
            is_list = described.get("type") == "array" and "$ref" in described["items"]
            assert is_list or described.get("description"), f"{name}.{field}"


def test_the_page_asks_nothing_of_others(program: Any) -> None:
    page = program.client.get("/api/docs")
    assert page.status_code == 200
    assert page.content_type == "text/html; charset=utf-8"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"https?://", page.text)
    assert not re.search(r"<script[^>]*>[^<]|\son\w+=|\sstyle=|<style", page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        found = program.client.get(address)
        assert found.status_code == 200, address
        assert found.data
        again = program.client.get(address, headers={"If-None-Match": found.headers.get("ETag", "")})
        assert again.status_code == (304 if "ETag" in found.headers else 200)
