"""The callable before both applications, the error shape and the exposition format: pure parts of the API."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, default_exceptions
from werkzeug.test import Client
from werkzeug.wrappers import Response

from voc.api import problems
from voc.api.exposition import Sample, write
from voc.api.front_door import FrontDoor, Traffic, is_api
from voc.core.errors import Busy, Conflict, Forbidden, Invalid, Permanent, Temporary, VocError
from voc.core.errors import NotFound as NoSuchThing


def door(traffic: Traffic) -> Client:
    pages = Response("page", content_type="text/plain")
    api = Response("api", 404, headers={"Cache-Control": "public"}, content_type="text/plain")
    return Client(FrontDoor(pages, api, traffic))


@pytest.mark.parametrize(
    ("path", "api"),
    [
        *(("/api", True), ("/api/", True), ("/api/v1/feedback", True), ("/healthz", True), ("/metrics", True)),
        *(("/apis", False), ("/", False), ("/f/api/", False), ("/healthz/", False), ("/API/v1", False)),
    ],
)
def test_who_answers(path: str, api: bool) -> None:
    assert is_api(path) is api
    assert door(Traffic()).get(path).text == ("api" if api else "page")


def test_headers_of_the_api_only() -> None:
    client = door(Traffic())
    headers = client.get("/api/x", base_url="https://voc.example").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "public"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in client.get("/api/x").headers
    assert "Content-Security-Policy" not in client.get("/").headers


def test_traffic_counts_every_answer_of_every_thread() -> None:
    traffic = Traffic()
    client = door(traffic)

    def ask() -> None:
        for _ in range(50):
            client.get("/")
            client.get("/api/")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert traffic.counts() == {"1xx": 0, "2xx": 200, "3xx": 0, "4xx": 200, "5xx": 0}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Invalid(fields={"a": ["b"]}), 422, "invalid"),
        (Invalid("no"), 422, "invalid"),
        (NoSuchThing(), 404, "not_found"),
        (Forbidden(), 403, "forbidden"),
        (Conflict(), 409, "conflict"),
        (Busy(), 503, "busy"),
        (Temporary(), 503, "busy"),
        (Permanent("secret"), 500, "internal"),
        (VocError("secret"), 500, "internal"),
        (ValueError("secret"), 500, "internal"),
        (NotFound("secret"), 404, "not_found"),
        (MethodNotAllowed(["GET"]), 405, "method_not_allowed"),
        (HTTPException("secret"), 500, "internal"),
    ],
)
def test_what_an_exception_means(error: Exception, status: int, code: str) -> None:
    problem = problems.of(error)
    data = problems.body(problem)
    assert (problem.status, problem.code) == (status, code)
    assert "secret" not in str(data)
    assert set(data) == {"type", "title", "status", "detail", "code", *(["errors"] if status == 422 else [])}


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_every_http_error_has_words(status: int) -> None:
    problem = problems.of(default_exceptions[status]())
    assert problem.status == status
    assert problem.code.isidentifier()
    assert problem.detail


def test_headers_of_a_problem() -> None:
    assert problems.response(problems.of(MethodNotAllowed(["GET", "HEAD"]))).headers["Allow"] == "GET, HEAD"
    busy = problems.response(problems.of(Busy()))
    assert int(busy.headers["Retry-After"]) > 0
    assert busy.content_type == "application/problem+json"


def test_many_wrong_fields_make_a_bounded_answer() -> None:
    data: dict[str, Any] = problems.body(problems.invalid({f"{n}" * 200: ["wrong"] for n in range(10_000, 30_000)}))
    assert len(data["errors"]) == problems.MAX_FIELDS
    assert max(map(len, data["errors"])) == 80


def test_exposition() -> None:
    rows = Sample("rows", "gauge", "Rows.")
    written = write([rows.of(2, state="todo"), rows.of(1, state='a"\\\n'), Sample("up", "gauge", "Up.").of(0.25)])
    assert written == (
        "# HELP rows Rows.\n# TYPE rows gauge\n"
        'rows{state="todo"} 2\nrows{state="a\\"\\\\\\n"} 1\n'
        "# HELP up Up.\n# TYPE up gauge\nup 0.25\n"
    )
