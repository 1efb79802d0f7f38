"""A loopback HTTP server that speaks Mastodon's API as its documentation shows it, and misbehaves when told to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Literal
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.doors.mastodon_world import DOMAIN, LIMIT, TOKEN, Invalid, NotThere, World

Kind = Literal["status", "html", "limited", "slow", "cut", "lost", "moved", "nonsense"]


@dataclass
class Fault:
    """What goes wrong with the next requests whose "METHOD /path" begins with `at`.

    `status`: an API error. `html`: one from a proxy before it. `limited`: 429 with headers. `slow`: answered after
    `value` seconds. `cut`: the answer breaks off. `lost`: done, and the connection closes without an answer. `moved`: a
    redirect. `nonsense`: 200 with something else.
    """

    at: str
    kind: Kind
    value: int = 503
    times: int = 1


@dataclass
class Seen:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    form: dict[str, str] = field(default_factory=dict)


class MastodonServer:
    """The server: its `world`, its `url`, what it has `seen`, and `faults` to come.

    `version` is the one it says it has; before 4.3 nobody can ask for several statuses. `hidden` are ids that it does
    not give. Unless `forward`, `min_id` is no better than `since_id`, as with some other programs.
    """

    def __init__(self) -> None:
        self.world = World()
        self.version = (4, 3, 2)
        self.scopes = ["read", "write"]
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.hidden: set[str] = set()
        self.forward = True
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def fail(self, at: str, kind: Kind, value: int = 503, times: int = 1) -> None:
        """Let the next `times` requests that begin so go wrong."""
        self.faults.append(Fault(at, kind, value, times))

    def fault_for(self, line: str) -> Fault | None:
        """The fault that is due for this request, used up by one."""
        with self.world.lock:
            for fault in self.faults:
                if line.startswith(fault.at):
                    fault.times -= 1
                    self.faults = [item for item in self.faults if item.times > 0]
                    return fault
        return None

    def asked(self, at: str) -> list[Seen]:
        """The requests whose "METHOD /path" begins so."""
        return [item for item in self.seen if f"{item.method} {item.path}".startswith(at)]

    def close(self) -> None:
        """Stop."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=10)


@contextmanager
def mastodon_server() -> Iterator[MastodonServer]:
    """A running server."""
    server = MastodonServer()
    try:
        yield server
    finally:
        server.close()


def _handler(server: MastodonServer) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"house": server})


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    house: MastodonServer
    # A client that goes away must not keep the thread.
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle("GET", b"")

    def do_POST(self) -> None:
        self._handle("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _handle(self, method: str, body: bytes) -> None:
        parts = urlsplit(self.path)
        path = parts.path.rstrip("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Seen(method, path, parse_qs(parts.query), headers, dict(parse_qsl(body.decode())))
        self.house.seen.append(call)
        fault = self.house.fault_for(f"{method} {path}")
        if fault and self._fail_first(fault):
            return
        status, data, more = Api(self.house).answer(call)
        if fault and fault.kind == "lost":
            self.close_connection = True
            return
        if fault and fault.kind == "slow":
            time.sleep(fault.value)
        self._send(status, json.dumps(data).encode(), more, cut=fault is not None and fault.kind == "cut")

    def _fail_first(self, fault: Fault) -> bool:
        """Answer with the fault alone; False when the request is to be done."""
        world = self.house.world
        if fault.kind == "status":
            self._send(fault.value, b'{"error": "Remote data could not be fetched"}', {})
        elif fault.kind == "html":
            self._send(fault.value, b"<html><h1>Not for you</h1></html>", {"Content-Type": "text/html"})
        elif fault.kind == "limited":
            at = (world.now + timedelta(seconds=fault.value)).isoformat()
            limits = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at}
            self._send(429, b'{"error": "Too many requests"}', limits)
        elif fault.kind == "moved":
            self._send(301, b"", {"Location": "https://elsewhere.example" + self.path})
        elif fault.kind == "nonsense":
            self._send(200, b'"welcome"', {})
        else:
            return False
        return True

    def _send(self, status: int, body: bytes, more: dict[str, str], *, cut: bool = False) -> None:
        # Not send_response: the date is that of this world.
        self.send_response_only(status)
        headers = {"Date": format_datetime(self.house.world.now, usegmt=True), "Content-Type": "application/json"}
        for name, value in {**headers, **more, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True


class Api:
    """The documented endpoints. Each returns (status, JSON, headers)."""

    def __init__(self, house: MastodonServer) -> None:
        self.house = house
        self.world = house.world

    def answer(self, call: Seen) -> tuple[int, Any, dict[str, str]]:
        """Answer one call."""
        public = {"/api/v1/instance": self.instance_v1, "/api/v2/instance": self.instance_v2}
        if call.path in public:
            return public[call.path](call)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "The access token is invalid"}, {}
        try:
            with self.world.lock:
                return self._route(call)
        except NotThere as error:
            return 404, {"error": str(error)}, {}
        except Invalid as error:
            return 422, {"error": str(error)}, {}

    def _route(self, call: Seen) -> tuple[int, Any, dict[str, str]]:
        match [call.method, *call.path.removeprefix("/api/v1/").split("/")]:
            case ["GET", "accounts", "verify_credentials"]:
                source = {"privacy": "public", "sensitive": False, "language": "", "note": "", "fields": []}
                return 200, {**self.world.brand, "source": source, "role": {"id": "-99", "name": ""}}, {}
            case ["GET", "apps", "verify_credentials"]:
                return 200, {"id": "1", "name": "voc", "website": None, "scopes": self.house.scopes}, {}
            case ["GET", "notifications"]:
                return self.notifications(call)
            case ["GET", "statuses"] if self.house.version >= (4, 3, 0):
                return self.several(call)
            case ["POST", "statuses"]:
                return 200, self.world.answer(call.form, call.headers.get("idempotency-key")), {}
            case ["GET", "statuses", identity]:
                return 200, self.status(identity), {}
            case ["GET", "statuses", identity, "source"]:
                text = self.world.sources[self.status(identity)["id"]]
                return 200, {"id": identity, "text": text, "spoiler_text": ""}, {}
            case ["GET", "statuses", identity, "context"]:
                return 200, {"ancestors": [], "descendants": self.descendants(self.status(identity)["id"])}, {}
        raise NotThere("Not Found")

    def status(self, identity: str) -> dict[str, Any]:
        if identity not in self.world.statuses or identity in self.house.hidden:
            raise NotThere("Record not found")
        return self.world.statuses[identity]

    def descendants(self, identity: str) -> list[dict[str, Any]]:
        return [status for status in self.world.statuses.values() if status["in_reply_to_id"] == identity]

    def several(self, call: Seen) -> tuple[int, Any, dict[str, str]]:
        wanted = call.query.get("id[]", [])
        if len(wanted) > 20:
            raise Invalid("Validation failed: too many statuses")
        there = [self.world.statuses[item] for item in wanted if item in self.world.statuses]
        return 200, [status for status in there if status["id"] not in self.house.hidden], {}

    def notifications(self, call: Seen) -> tuple[int, Any, dict[str, str]]:
        """One page: newest first; `min_id` gives those right after it, `max_id` and `since_id` bound the newest."""
        query = {name: values[0] for name, values in call.query.items()}
        types = call.query.get("types[]")
        filtered = query.get("include_filtered") == "true" and self.house.version >= (4, 3, 0)
        found = [
            note
            for note in self.world.notifications
            if (not types or self.house.version < (3, 5, 0) or note["type"] in types)
            and (filtered or not note.get("filtered"))
            and int(note["id"]) > int(query.get("min_id") or query.get("since_id") or 0)
            and int(note["id"]) < int(query.get("max_id") or 10**20)
        ]
        limit = min(int(query.get("limit") or 40), 80)
        page = found[:limit] if "min_id" in query and self.house.forward else found[-limit:]
        page = page[::-1]
        return 200, page, self._link(query, page) if page else {}

    def _link(self, query: dict[str, str], page: list[dict[str, Any]]) -> dict[str, str]:
        base = f"{self.house.url}/api/v1/notifications"
        kept = {name: value for name, value in query.items() if name in ("limit", "types[]")}
        older = urlencode({**kept, "max_id": page[-1]["id"]})
        newer = urlencode({**kept, "min_id": page[0]["id"]})
        return {"Link": f'<{base}?{older}>; rel="next", <{base}?{newer}>; rel="prev"'}

    def instance_v2(self, _call: Seen) -> tuple[int, Any, dict[str, str]]:
        if self.house.version < (4, 0, 0):
            return 404, {"error": "Not Found"}, {}
        about = {
            "domain": DOMAIN,
            "title": "Mastodon",
            "version": ".".join(map(str, self.house.version)),
            "source_url": "https://github.com/mastodon/mastodon",
            "languages": ["es"],
            "configuration": {
                "urls": {"streaming": f"wss://{DOMAIN}"},
                "statuses": {"max_characters": LIMIT, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            },
            "api_versions": {"mastodon": 2},
            "rules": [],
        }
        return 200, about, {}

    def instance_v1(self, _call: Seen) -> tuple[int, Any, dict[str, str]]:
        statuses = {"max_characters": LIMIT, "max_media_attachments": 4, "characters_reserved_per_url": 23}
        version = ".".join(map(str, self.house.version))
        about = {"uri": DOMAIN, "title": "Mastodon", "version": version, "configuration": {"statuses": statuses}}
        return 200, about, {}
