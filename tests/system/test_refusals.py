"""More than the server takes: people get a page in their language, programs a problem, nobody costs memory."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from voc.app.factory import create_app
from voc.app.server import Server
from voc.runtime import Runtime
from voc.web.errors import too_large

LIMIT = 20_000
PARTS = b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(20_000))


@pytest.fixture
def address(sqlite_runtime: Runtime) -> Iterator[tuple[str, int]]:
    """A real server over a real house, in this process."""
    app = create_app(sqlite_runtime)
    server = Server(app, host="127.0.0.1", port=0, body_limit=LIMIT, refuse=too_large(app))
    server.bind()
    thread = threading.Thread(target=server.run)
    thread.start()
    yield "127.0.0.1", server.port
    server.stop()
    thread.join(10)
    assert not thread.is_alive()


def send(
    address: tuple[str, int], path: str, body: object, kind: str, language: str = "es", method: str = "POST"
) -> tuple[int, http.client.HTTPMessage, str]:
    """Status, headers and body of the answer."""
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        headers = {"Content-Type": kind, "Accept-Language": language}
        connection.request(method, path, body, headers, encode_chunked=not isinstance(body, bytes))  # type: ignore[arg-type]
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read().decode()


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.mark.parametrize(
    ("language", "tag", "words"),
    [
        ("es-419,es;q=0.9", "es", "Es más de lo que esta página puede recibir"),
        ("pt-BR", "pt-BR", "É mais do que esta página pode receber"),
        ("en-US, fr;q=0.8", "en", "That is more than this page can take"),
        ("de", "es", "Es más de lo que esta página puede recibir"),
    ],
)
@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/f/feedback", FORM, b"text=" + b"x" * LIMIT),
        ("/f/feedback", MULTIPART, PARTS + b"--x--\r\n"),
        ("/f/feedback", FORM, [b"text=", b"x" * LIMIT, b"y"]),
        ("/inbox", FORM, b"text=" + b"x" * LIMIT),
        ("/nowhere", "text/plain", b"x" * (LIMIT + 1)),
    ],
    ids=["urlencoded", "multipart", "chunked", "inside", "nowhere"],
)
def test_people_get_a_page_they_can_read(
    address: tuple[str, int], path: str, kind: str, body: object, language: str, tag: str, words: str
) -> None:
    status, headers, page = send(address, path, body, kind, language)
    assert status == 413
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert int(headers["Content-Length"]) == len(page.encode())
    assert headers.get_all("Content-Length") == [headers["Content-Length"]]
    assert headers["Connection"] == "close"
    assert "Set-Cookie" not in headers
    assert f'<html lang="{tag}">' in page
    assert words in page
    assert "/static/components.css" in page


def test_programs_get_a_problem(address: tuple[str, int]) -> None:
    for path in ("/api/v1/feedback", "/api", "/api/nothing", "/in/nothing"):
        status, headers, body = send(address, path, b"x" * (LIMIT + 1), "application/json")
        assert status == 413
        assert headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["code"] == "too_large"
    assert "<html" in send(address, "/apiary", b"x" * (LIMIT + 1), "application/json")[2]


def test_a_request_that_makes_no_sense_gets_the_plain_answer(address: tuple[str, int]) -> None:
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        connection.putrequest("GET", "/", skip_host=True)
        connection.putheader("Content-Length", "abc")
        connection.endheaders()
        with connection.getresponse() as answer:
            assert answer.status == 400
            assert answer.headers["Content-Type"].startswith("text/plain")


def test_refusing_costs_no_memory(address: tuple[str, int]) -> None:
    me, chunk = psutil.Process(), b"x" * 1_000_000
    for number in range(60):
        body: object = iter([chunk] * 8) if number % 2 else chunk * 8
        assert send(address, "/f/feedback", body, FORM)[0] == 413
        if number == 10:
            before = me.memory_info().rss
    assert me.memory_info().rss - before < 16_000_000
