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
# The status with which most vendors say what went wrong, and the words for it.
STATUSES: Mapping[str, tuple[int, str]] = {
    "down": (503, "down for maintenance"),
    "busy": (429, "too many requests"),
    "denied": (401, "the token is invalid"),
    "gone": (404, "record not found"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the channel. `path` is without the query. Header names are lower case; `query` has every value of
    each name; `body` is empty for a GET."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor says to it; `data` is whatever JSON can hold, and sent as such."""

    data: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpVendor:
    """Subclass it: `put`, `reset` and `answer` are yours, and `options` and `error` where they are others. `got` is
    what your `answer` has told by `take`. `trouble` is what goes wrong just now, None for nothing.

    `sends` are the methods with which a channel sends there. `statuses` are those with which this vendor says what went
    wrong, where they are not the usual ones (`STATUSES`): `{"gone": 403}`. `wait_header` is the header in which it says
    how many seconds to wait when it is busy; empty when it says so in the body (`error` then writes BUSY there) or not
    at all. `port` is where it listens, 0 for any that is free; `url` is where it is then.
    """

    sends: tuple[str, ...] = ("POST",)
    statuses: Mapping[str, int] = {}
    wait_header: str = "Retry-After"
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
        """Options that lead to it: put over those of the fixtures. Override it when yours is not called base_url."""
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
        """What is sent as JSON when something is wrong: override it for how the vendor words that.

        `status` is the HTTP status of the answer, `words` say in English what is wrong, `self.trouble` is which trouble
        it is (two may have one status). What is returned is `Answer.data`.
        """
        return {"error": words}

    def close(self) -> None:
        """Stop; whoever still waits is let go. `running` calls it."""
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()

    def respond(self, asked: Asked) -> Answer | bytes | None:
        """The answer to one request with what goes wrong; bytes are sent as they are (HTML, status 200), None hangs up.

        Override it for an answer that is no JSON, or to let some requests through in spite of the trouble.
        """
        sending = asked.method in self.sends
        match self.trouble:
            case "down" | "busy" | "denied":
                return self._wrong(self.trouble)
            case "gone" if sending:
                return self._wrong("gone")
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

    def _wrong(self, trouble: Trouble) -> Answer:
        status, words = STATUSES[trouble]
        status = self.statuses.get(trouble, status)
        waiting = {self.wait_header: str(BUSY)} if trouble == "busy" and self.wait_header else {}
        return Answer(self.error(status, words), status, waiting)


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
