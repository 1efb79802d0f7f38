"""The web server: waitress with a drain on stop and a deadline for receiving one request.

Everything that touches the inside of waitress stands in this module, and setup.cfg pins the version. Used from
inside: `create_server(sockets=…)`, `channel_class`, `active_channels`, `handle_accept`, `del_channel`,
`pull_trigger`, `task_dispatcher`, `_map`, `wasyncore.loop`, and of a channel `request`, `requests`,
`total_outbufs_len`, `will_close`, `last_activity`, `handle_close`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any, Protocol
from wsgiref.types import WSGIApplication

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest

from voc.app.listening import BACKLOG, listen, room_for

_CHANNEL_TIMEOUT = 60  # seconds without a byte in either direction
_HEADER_LIMIT = 65_536  # bytes of one request's header
_CHUNK_LINE_LIMIT = 4096  # bytes of a chunk's size line, or of the trailer after the last chunk
_QUIET = 0.3  # seconds a connection must have been idle during a drain before it is closed


# What programs look at, by status.
CODES = {400: "bad_request", 413: "too_large", 431: "headers_too_large", 501: "not_implemented"}

# The answer to a request whose body is too large, from its WSGI environment without that body: status line, headers,
# body.
Refuse = Callable[[dict[str, Any]], tuple[str, list[tuple[str, str]], bytes]]


class StopFlag(Protocol):
    """What `Server.run` looks at between two turns; `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress is untyped
    """A request that is being received."""

    error: Any

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        receiver = self.body_rcv
        # waitress joins and searches an unfinished size line or trailer anew at each read, up to the body limit:
        # quadratic work for the one thread that serves every connection.
        for unfinished in (getattr(receiver, "control_line", b""), getattr(receiver, "trailer", b"")):
            if len(unfinished) > _CHUNK_LINE_LIMIT and not self.error:
                self.error = BadRequest("Chunked body is malformed")
                self.completed = True
        if self.completed:
            # A refused request must not be told to go on, and waitress would forget that it is complete.
            self.expect_continue = False
        return consumed


class _Task(WSGITask):  # type: ignore[misc]
    """One request in the application."""

    def build_response_header(self) -> bytes:
        if self.channel.server.draining:
            # The way to tell clients that keep connections open to come back on a new one: HTTP/1.0 and 1.1 alike.
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class _Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that never reached the application: too large, malformed."""

    def execute(self) -> None:
        from voc.api.front_door import is_api

        self.channel.refused = True
        refuse = self.channel.server.refuse
        if is_api(str(getattr(self.request, "path", ""))):
            self.request.error = _Problem(self.request.error)
        elif refuse is not None and self.request.error.code == 413:
            # Only then the header was read to its end: a malformed one gets the plain answer.
            environ = _Task(self.channel, self.request).get_environment()
            self.request.error = _Answered(refuse({**environ, "wsgi.input": BytesIO(), "CONTENT_LENGTH": "0"}))
        super().execute()


class _Answered:
    """An answer that the application has written."""

    def __init__(self, answer: tuple[str, list[tuple[str, str]], bytes]) -> None:
        self._answer = answer

    def to_response(self, _ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers and body."""
        return self._answer


class _Problem:
    """A refusal in the shape every other error of the API has."""

    def __init__(self, error: Any) -> None:
        self._error = error

    def to_response(self, _ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers and body."""
        code, reason = self._error.code, self._error.reason
        word = CODES.get(code, CODES[400])
        body = {"type": "about:blank", "title": reason, "status": code, "detail": f"{reason}.", "code": word}
        return f"{code} {reason}", [("Content-Type", "application/problem+json")], json.dumps(body).encode()


class _Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, with the moment since which we wait for its client."""

    task_class = _Task
    error_task_class = _Refusal
    parser_class = _Parser
    will_close: bool
    total_outbufs_len: int
    last_activity: float  # wall clock; only compared with itself

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.since = time.monotonic()
        self.silent = True
        self.partial: _Parser | None = None
        self.quiet_since: float | None = None
        self.progress = 0.0
        self.held = False
        self.refused = False
        self.lingering = False
        super().__init__(*args, **kwargs)

    def readable(self) -> bool:
        reading: bool = super().readable()
        # While its last request runs we do not read: the next one then waits for us, not we for it.
        self.held = self.held or not reading
        return reading

    def received(self, data: bytes) -> bool:
        if self.lingering:
            return False
        taken: bool = super().received(data)
        self.silent = False
        if self.request is not self.partial:
            self.partial = self.request
            self.since = time.monotonic()
        return taken

    def handle_close(self) -> None:
        if self.refused and self.will_close and not self.lingering:
            # The refusal is out, but its client may still be sending. Closing now would reset the connection, and
            # the client would lose the answer: send the end of file and read on, until it closes or is late.
            self.lingering = True
            self.will_close = False
            self.since = time.monotonic()
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_close()

    def busy(self) -> bool:
        """Whether a request is being received, run or answered."""
        return bool(self.requests or self.request is not None or self.total_outbufs_len)

    def late(self, now: float, deadline: float) -> bool:
        """Whether the client has let us wait too long: for the rest of a request, or for taking its answer."""
        if self.total_outbufs_len:
            # waitress closes a stalled client when its socket can be written, which a stalled client prevents.
            if self.progress != self.last_activity:
                self.progress, self.since = self.last_activity, now
            return now - self.since > _CHANNEL_TIMEOUT
        if self.held:
            self.held, self.since = False, now
            return False
        waiting: bool = self.silent or self.lingering or self.request is not None
        return waiting and now - self.since > deadline

    def cut(self) -> None:
        """Close without further ado; only in the thread of the server's loop."""
        self.lingering = True
        self.handle_close()


class Server:
    """A WSGI application on one address.

    `threads` requests run at once; a request gets a thread only when it has been received completely, so slow
    clients cost memory and no thread. Bodies up to `body_limit` bytes are taken, larger ones get 413, chunked ones
    (counted with their framing) too. A client that needs longer than `receive_deadline` seconds for one request, or
    for the first byte, is cut. After `stop`, requests in flight have `drain` seconds.
    `refuse` words the 413 for people; programs (`/api`, `/in`) get `application/problem+json`, and without `refuse`
    everybody else a plain line of English.

    Headers of reverse proxies (X-Forwarded-*) reach the application as they came: it alone decides whom to believe.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        host: str,
        port: int,
        threads: int = 16,
        body_limit: int = 1_048_576,
        receive_deadline: float = 20.0,
        drain: float = 8.0,
        connection_limit: int = 2000,
        refuse: Refuse | None = None,
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._threads = threads
        self._body_limit = body_limit
        self._receive_deadline = receive_deadline
        self._drain_seconds = drain
        self._connection_limit = connection_limit
        self._refuse = refuse
        self._socket: socket.socket | None = None
        self._stopped_at: float | None = None
        self._next_sweep = 0.0
        # Reentrant: a signal handler that calls stop() may interrupt this very thread while it holds it.
        self._gate = threading.RLock()
        self._waitress: Any = None

    def bind(self) -> None:
        """Take the port, so that clients can connect; they are answered from `run` on.

        Raises SettingError, naming VOC_PORT or VOC_HOST, when that is not possible. Does nothing the second time.
        """
        if self._socket is None:
            self._socket = listen(self._host, self._port)
            self._port = self._socket.getsockname()[1]

    @property
    def port(self) -> int:
        """The port that was taken; for a given port of 0 the one that was free."""
        if self._socket is None:
            raise RuntimeError("the server has no port before bind()")
        return self._port

    @property
    def url(self) -> str:
        """The address for a browser on this machine, without a final slash."""
        host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def run(self, stop: StopFlag | None = None) -> None:
        """Serve until `stop` is set or `stop()` was called, then drain; returns when the last client is gone.

        A given flag is noticed within a fifth of a second, `stop()` at once. Once only.
        """
        self.bind()
        server = self._build()
        turn = 1.0 if stop is None else 0.2
        try:
            while self._stopped_at is None and not (stop is not None and stop.is_set()):
                self._turn(server, turn)
        finally:
            self._drain(server)

    def stop(self) -> None:
        """Ask `run` to drain and return; from any thread or signal handler, before or during `run`."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
        with self._gate:
            if self._waitress is not None:
                self._waitress.pull_trigger()

    def _build(self) -> Any:
        server = create_server(
            self._app,
            sockets=[self._socket],
            threads=self._threads,
            connection_limit=room_for(self._connection_limit),
            backlog=BACKLOG,
            asyncore_use_poll=True,  # select() stops at descriptor 1024
            max_request_body_size=self._body_limit + 1,  # waitress refuses from this size on
            max_request_header_size=_HEADER_LIMIT,
            channel_timeout=_CHANNEL_TIMEOUT,
            cleanup_interval=5,
            clear_untrusted_proxy_headers=False,
            ident="voc",
        )
        # It warns at every request that has to wait for a thread: under load that is a line a request.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server.channel_class = _Channel
        server.draining = False
        server.refuse = self._refuse
        with self._gate:
            self._waitress = server
        return server

    def _turn(self, server: Any, timeout: float) -> None:
        """Serve what is ready, waiting at most `timeout` seconds for it, and cut late clients about once a second."""
        wasyncore.loop(timeout=timeout, map=server._map, use_poll=True, count=1)
        now = time.monotonic()
        if now >= self._next_sweep:
            self._next_sweep = now + min(1.0, self._receive_deadline / 4)
            for channel in list(server.active_channels.values()):
                if channel.late(now, self._receive_deadline):
                    channel.cut()

    def _drain(self, server: Any) -> None:
        """Stop listening, finish what is in flight, close."""
        end = (self._stopped_at or time.monotonic()) + self._drain_seconds
        server.draining = True
        _close_listener(server)
        while server.active_channels and time.monotonic() < end:
            self._turn(server, 0.05)
            _close_quiet(server, time.monotonic())
        # Also waits for requests whose client has gone: what they do may not be cut short while there is time.
        server.task_dispatcher.shutdown(timeout=max(0.0, end - time.monotonic()))
        with self._gate:
            self._waitress = None
        for channel in list(server.active_channels.values()):
            channel.cut()
        if not server.task_dispatcher.threads:
            # Otherwise a request still runs and will write to the trigger's descriptor, which by then might be
            # somebody else's file: it stays open until the process ends.
            wasyncore.close_all(server._map)


def _close_listener(server: Any) -> None:
    """Stop accepting, after taking in the connections that the kernel has accepted for us: closing resets them."""
    for _ in range(BACKLOG):
        before = len(server.active_channels)
        server.handle_accept()
        if len(server.active_channels) == before:
            break
    # Not server.close(): that would close the trigger too, by which request threads report their answers.
    server.accepting = False
    server.del_channel()
    server.socket.close()


def _close_quiet(server: Any, now: float) -> None:
    """Close connections that have been idle for a moment: a request that is on its way is still taken."""
    for channel in list(server.active_channels.values()):
        if channel.busy():
            channel.quiet_since = None
        elif channel.quiet_since is None:
            channel.quiet_since = now
        elif now - channel.quiet_since > _QUIET:
            channel.cut()
