"""A load client that costs as little as Python allows: raw sockets, requests built beforehand, one epoll loop.

One thread keeps `connections` keep-alive connections busy, each with one request at a time. Measured on the machine
of the README it spends 25 to 40 microseconds of processor time a request, a small part of what any of the servers
spends; `Load.client_share` says how much of a core it took, so that nobody has to believe it.
"""

from __future__ import annotations

import select
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

HOST = "127.0.0.1"
TIMEOUT = 30.0
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class LoadError(Exception):
    """The server did not answer as it should; a figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run gave. `times` are seconds from sending to the last byte of the answer, in order of answers."""

    seconds: float
    times: tuple[float, ...]
    client_share: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    @property
    def p50(self) -> float:
        """Median time of one request in milliseconds."""
        return statistics.median(self.times) * 1000

    @property
    def p99(self) -> float:
        """Time in milliseconds that one request in a hundred exceeds."""
        return sorted(self.times)[min(len(self.times) - 1, int(len(self.times) * 0.99))] * 1000


class Connection:
    """One keep-alive connection with at most one request in flight. `answer` is the last one as it came."""

    __slots__ = ("answer", "buffer", "missing", "sent_at", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = b""
        self.buffer = b""
        self.missing = -1
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        """Send one request; it is small enough for the socket's buffer."""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self, expected: bytes) -> bool:
        """Take what has come; True when the answer is complete. Raises LoadError for another status."""
        data = self.socket.recv(262_144)
        if not data:
            raise LoadError("the server closed a connection")
        self.buffer += data
        if self.missing >= 0:
            self.missing -= len(data)
            return self._finished()
        end = self.buffer.find(_HEAD_END)
        if end < 0:
            return False
        if self.buffer[9:12] != expected:
            raise LoadError(f"unexpected answer: {self.buffer[:600].decode('latin-1')}")
        head = self.buffer[:end].lower()
        place = head.find(_LENGTH)
        if place < 0:
            raise LoadError("the answer has no Content-Length")
        length = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0])
        self.missing = length - (len(self.buffer) - end - 4)
        return self._finished()

    def _finished(self) -> bool:
        if self.missing > 0:
            return False
        self.answer, self.buffer, self.missing = self.buffer, b"", -1
        return True


def run(port: int, requests: Sequence[bytes], *, connections: int = 16, expected: int = 201) -> Load:
    """Send every request once over `connections` connections, as fast as answers come."""
    status = str(expected).encode()
    poll = select.epoll()
    known: dict[int, Connection] = {}
    for _ in range(min(connections, len(requests))):
        connection = Connection(port)
        known[connection.socket.fileno()] = connection
        poll.register(connection.socket.fileno(), select.EPOLLIN)
    times: list[float] = []
    waiting = iter(requests)
    processor, begin = time.process_time(), time.perf_counter()
    for connection in known.values():
        connection.send(next(waiting))
    flying = len(known)
    while flying:
        ready = poll.poll(TIMEOUT)
        if not ready:
            raise LoadError(f"no answer for {TIMEOUT:.0f} seconds")
        for number, _ in ready:
            connection = known[number]
            if not connection.receive(status):
                continue
            times.append(time.perf_counter() - connection.sent_at)
            following = next(waiting, None)
            if following is None:
                flying -= 1
            else:
                connection.send(following)
    seconds = time.perf_counter() - begin
    share = (time.process_time() - processor) / seconds
    for connection in known.values():
        connection.socket.close()
    poll.close()
    return Load(seconds, tuple(times), share)


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST of JSON as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _HEAD_END + body


def get(path: str, headers: dict[str, str]) -> bytes:
    """A GET as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + _HEAD_END
