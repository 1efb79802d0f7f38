"""A vendor's HTTP server on loopback for fixtures: say what it answers, it brings everything that goes wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from voc.testkit.fixtures import BUSY, Got, Trouble
from voc.testkit.said import Said

V = TypeVar("V", bound="HttpVendor")
# Seconds after which a silent vendor hangs up, longer than the kit waits.
SILENCE = 6.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the channel. Header names are lower case; `query` has every value of each name."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor says to it; `data` is sent as JSON."""

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpVendor:
    """Subclass it: `put`, `reset`, `options` and `answer` are yours. `got` is filled by your `answer`.

    `sends` are the methods with which a channel sends there. `error` is how the vendor words what went wrong. `port` is
    where it listens, 0 for any that is free.
    """

    sends: tuple[str, ...] = ("POST",)
    port: int = 0

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.lock = threading.RLock()
        self._got: list[Got] = []
        self._closing = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), type("Handler", (_Handler,), {"vendor": self}))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @classmethod
    @contextmanager
    def running(cls: type[V]) -> Iterator[V]:
        """A running one, closed at the end."""
        vendor = cls()
        try:
            yield vendor
        finally:
            vendor.close()

    @property
    def options(self) -> Mapping[str, Any]:
        """Options that lead to it."""
        return {"base_url": self.url}

    @property
    def got(self) -> Sequence[Got]:
        """What we sent."""
        return self._got

    def take(self, key: str, text: str) -> None:
        """Call this in `answer` for a message that the vendor delivers."""
        self._got.append(Got(key, text))

    def put(self, said: Said) -> None:
        """A customer says something there."""
        raise NotImplementedError

    def reset(self) -> None:
        """It starts anew."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer:
        """What it answers when nothing goes wrong; called with `lock` held."""
        raise NotImplementedError

    def error(self, status: int, words: str) -> Any:
        """The JSON of an answer that says what is wrong."""
        return {"error": words}

    def close(self) -> None:
        """Stop; whoever still waits is let go."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def respond(self, asked: Asked) -> Answer | bytes | None:
        """The answer with what goes wrong; bytes are sent as they are, None hangs up."""
        sending = asked.method in self.sends
        match self.trouble:
            case "down":
                return Answer(self.error(503, "down for maintenance"), 503)
            case "busy":
                return Answer(self.error(429, "too many requests"), 429, {"Retry-After": str(BUSY)})
            case "denied":
                return Answer(self.error(401, "the token is invalid"), 401)
            case "gone" if sending:
                return Answer(self.error(404, "record not found"), 404)
            case "nonsense":
                return b"<html><h1>It works!</h1></html>"
            case "silent":
                self._closing.wait(SILENCE)
                return None
        with self.lock:
            answer = self.answer(asked)
        if self.trouble == "lost" and sending:
            self.trouble = None
            return None
        return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    vendor: HttpVendor
    timeout = 10
    # Head and body in one piece: in two, each answer waits for the other side's acknowledgement.
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is in the vendor."""

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        said = self.vendor.respond(Asked(self.command, parts.path, parse_qs(parts.query), headers, body))
        if said is None:
            self.close_connection = True
            return
        status, more = (said.status, dict(said.headers)) if isinstance(said, Answer) else (200, {})
        data = json.dumps(said.data).encode() if isinstance(said, Answer) else said
        kind = "application/json" if isinstance(said, Answer) else "text/html"
        self.send_response_only(status)
        for name, value in {"Content-Type": kind, **more, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle
