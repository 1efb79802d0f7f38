"""The server against real clients: slow ones, oversized ones, and many at the moment it has to stop."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from voc.app.listening import listen, room_for
from voc.app.server import Server
from voc.core.errors import SettingError

_SCRIPT = Path(__file__).with_name("tiny_server.py")
_LIMIT = 20_000  # the body limit of these servers


class Running:
    """A tiny server in a process of its own."""

    def __init__(self, journal: Path, **settings: float) -> None:
        self.journal = journal
        arguments = [sys.executable, str(_SCRIPT), json.dumps(settings), str(journal)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        parts = urlsplit(self.url)
        self.address = (str(parts.hostname), int(parts.port or 0))

    def connect(self, timeout: float = 10.0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address, timeout=timeout)

    def raw(self, *parts: bytes, timeout: float = 10.0) -> socket.socket:
        client = socket.create_connection(self.address, timeout=timeout)
        for part in parts:
            client.sendall(part)
        return client

    def stop(self, within: float) -> float:
        """Send SIGTERM; how many seconds it took to end. Fails when that is longer than `within`."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(within) == 0
        return time.monotonic() - began

    def reached(self) -> list[str]:
        """The ids that reached the application."""
        return self.journal.read_text().split()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts tiny servers; none outlives the test."""
    running: list[Running] = []

    def starter(**settings: float) -> Running:
        running.append(Running(tmp_path / f"journal-{len(running)}", **settings))
        return running[-1]

    yield starter
    for one in running:
        one.process.kill()
        one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()


def _eventually(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def _answer(client: socket.socket) -> bytes:
    """All the server sends until it closes."""
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


def _chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


_CHUNKED_HEAD = b"POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


# --- slow clients ----------------------------------------------------------------------------------------------


class Dribblers:
    """Clients that send one byte at a time: half of them a header, half a body."""

    def __init__(self, server: Running, count: int) -> None:
        head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
        body = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"
        self.clients = [server.raw(head if number % 2 else body) for number in range(count)]
        self.cut = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._dribble)
        self._thread.start()

    def _dribble(self) -> None:
        left = list(self.clients)
        while left and not self._over.wait(0.2):
            for client in list(left):
                try:
                    client.send(b"a")
                except OSError:  # a reset is how a sender learns that it was cut
                    left.remove(client)
                    self.cut += 1

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for client in self.clients:
            client.close()


@pytest.mark.slow
def test_400_dribbling_clients_neither_delay_the_honest_nor_stay(start: Callable[..., Running]) -> None:
    server = start(receive_deadline=2.0)
    dribblers = Dribblers(server, 400)
    try:
        waits = []
        end = time.monotonic() + 10
        while dribblers.cut < 400 and time.monotonic() < end:
            began = time.monotonic()
            connection = server.connect()
            connection.request("POST", "/length", body=b"honest")
            assert connection.getresponse().read() == b"6"
            connection.close()
            waits.append(time.monotonic() - began)
            time.sleep(0.05)
    finally:
        dribblers.close()
    assert dribblers.cut == 400
    assert len(waits) >= 10
    assert sorted(waits)[len(waits) // 2] < 0.25
    assert max(waits) < 1.5


def test_a_client_that_says_nothing_is_cut_but_one_between_two_requests_is_not(
    start: Callable[..., Running],
) -> None:
    server = start(receive_deadline=0.5)
    kept = server.connect()
    kept.request("GET", "/")
    assert kept.getresponse().read() == b"pong"
    silent = server.raw()
    assert _answer(silent) == b""
    kept.request("GET", "/")  # on the connection that was idle all that time
    assert kept.getresponse().read() == b"pong"
    silent.close()
    kept.close()


def test_a_request_that_waits_for_the_one_before_it_is_not_late(start: Callable[..., Running]) -> None:
    server = start(receive_deadline=0.3)
    client = server.raw(b"GET /slow?1.6 HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
    assert client.recv(1000).startswith(b"HTTP/1.1 200 ")
    client.sendall(b"TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert _answer(client).endswith(b"pong")
    client.close()


def test_a_client_that_never_reads_gives_its_thread_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def application(environ: dict[str, str], start_response: Callable[..., object]) -> list[bytes]:
        # More than waitress holds for one client (16 MiB), so that the second piece waits for the first.
        pieces = [b"x" * 32_000_000, b"x"] if environ["PATH_INFO"] == "/big" else [b"pong"]
        start_response("200 OK", [("Content-Length", str(sum(map(len, pieces))))])
        return pieces

    monkeypatch.setattr("voc.app.server._CHANNEL_TIMEOUT", 1)
    server = Server(application, host="127.0.0.1", port=0, threads=1, drain=1.0)
    server.bind()
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        honest = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        honest.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert _answer(honest).endswith(b"pong")
        honest.close()
        deaf.close()
    finally:
        server.stop()
        thread.join(10)
    assert not thread.is_alive()


# --- bodies that are too large ---------------------------------------------------------------------------------


def test_a_body_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(start: Callable[..., Running]) -> None:
    connection = start(body_limit=_LIMIT).connect()
    connection.request("POST", "/length", body=b"x" * _LIMIT)
    assert connection.getresponse().read() == str(_LIMIT).encode()
    connection.request("POST", "/length", body=b"x" * (_LIMIT + 1))
    assert connection.getresponse().status == 413
    connection.close()


def test_a_chunked_body_within_the_limit_arrives_whole(start: Callable[..., Running]) -> None:
    server = start(body_limit=_LIMIT)
    connection = server.connect()
    connection.request("POST", "/length", body=iter([b"y" * 6000] * 3), encode_chunked=True)
    assert connection.getresponse().read() == b"18000"
    connection.close()


@pytest.mark.parametrize("size", [1, 1000, 65_536])
def test_a_chunked_body_over_the_limit_gets_413_and_is_never_cut_silently(
    start: Callable[..., Running], size: int
) -> None:
    server = start(body_limit=_LIMIT)
    client = server.raw(_CHUNKED_HEAD, _chunked(b"z" * (_LIMIT + 1), size))
    assert _answer(client).startswith(b"HTTP/1.1 413 ")
    client.close()


@pytest.mark.parametrize("chunked", [True, False])
def test_a_client_that_sends_50_mb_before_it_reads_still_gets_its_413(
    start: Callable[..., Running], chunked: bool
) -> None:
    server = start(body_limit=_LIMIT)
    connection = server.connect()
    headers = {} if chunked else {"Content-Length": str(50 << 20)}
    connection.request("POST", "/length", iter([b"w" * (1 << 20)] * 50), headers, encode_chunked=chunked)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_client_that_asks_first_is_refused_before_it_sends_the_body(start: Callable[..., Running]) -> None:
    server = start(body_limit=_LIMIT)
    head = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\nExpect: 100-continue\r\n\r\n"
    client = server.raw(head)
    assert _answer(client).startswith(b"HTTP/1.1 413 ")
    client.close()


def test_a_client_that_asks_first_is_told_to_go_on_when_its_body_is_welcome(start: Callable[..., Running]) -> None:
    server = start(body_limit=_LIMIT)
    head = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    client = server.raw(head)
    assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
    client.sendall(b"abc")
    assert _answer(client).endswith(b"\r\n\r\n3")
    client.close()


@pytest.mark.parametrize("tail", [b"1" * 9000, b"0\r\n" + b"Trailer: x" * 900, b"zz\r\n"])
def test_a_malformed_chunked_body_is_refused_at_once(start: Callable[..., Running], tail: bytes) -> None:
    client = start().raw(_CHUNKED_HEAD, tail)
    assert _answer(client).startswith(b"HTTP/1.1 400 ")
    client.close()


# --- stopping --------------------------------------------------------------------------------------------------


class Load:
    """Clients that post ids over kept connections, one after the other, until the server is gone."""

    def __init__(self, server: Running, clients: int) -> None:
        self.answered: set[str] = set()
        self._server = server
        self._threads = [threading.Thread(target=self._post, args=(number,)) for number in range(clients)]
        for thread in self._threads:
            thread.start()

    def _post(self, client: int) -> None:
        connection = self._server.connect()
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(100_000):
                name = f"{client}-{number}"
                connection.request("POST", "/item", body=name.encode())
                if connection.getresponse().read().decode() == name:
                    self.answered.add(name)
        connection.close()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(10)


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(4))
def test_a_stop_under_load_answers_every_request_that_reached_the_application(
    start: Callable[..., Running], attempt: int
) -> None:
    server = start(drain=5.0)
    load = Load(server, 16)
    _eventually(lambda: len(load.answered) > 200, 8)
    took = server.stop(5)
    load.join()
    reached = server.reached()
    assert len(reached) == len(set(reached))
    assert set(reached) - load.answered == set()
    assert took < 3


def test_a_request_in_flight_at_the_stop_is_answered_and_its_connection_closed(
    start: Callable[..., Running],
) -> None:
    server = start(drain=5.0)
    connection = server.connect()
    connection.request("GET", "/slow?0.8")
    _eventually(lambda: server.reached() == ["begun"], 5)
    stopper = threading.Thread(target=server.stop, args=(5,))
    stopper.start()
    response = connection.getresponse()
    assert (response.status, response.getheader("Connection")) == (200, "close")
    assert response.read() == b"pong"
    stopper.join()
    connection.close()


def test_a_connection_waiting_to_be_accepted_at_the_stop_is_served() -> None:
    def application(environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "4")])
        return [b"pong"]

    server = Server(application, host="127.0.0.1", port=0)
    server.bind()
    clients = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(20)]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    server.stop()
    server.run()
    for client in clients:
        answer = _answer(client)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nConnection: close\r\n" in answer
        client.close()


def test_stopping_ends_within_the_drain_whatever_clients_do(start: Callable[..., Running]) -> None:
    server = start(drain=1.0)
    hanging = server.raw(b"GET /slow?30 HTTP/1.1\r\nHost: x\r\n\r\n")
    partial = server.raw(b"GET / HTTP/1.1\r\n")
    deaf = server.raw(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    _eventually(lambda: server.reached() == ["begun"], 5)
    assert 0.9 < server.stop(5) < 2.5
    for client in (hanging, partial, deaf):
        client.close()


def test_stopping_is_quick_when_clients_only_keep_connections_open(start: Callable[..., Running]) -> None:
    server = start(drain=8.0)
    idle = [server.connect() for _ in range(5)]
    for connection in idle:
        connection.request("GET", "/")
        connection.getresponse().read()
    assert server.stop(5) < 2.0
    for connection in idle:
        connection.close()


def test_a_given_flag_stops_it_too() -> None:
    flag = threading.Event()
    server = Server(lambda environ, start_response: [], host="127.0.0.1", port=0)
    server.bind()
    thread = threading.Thread(target=server.run, args=(flag,))
    thread.start()
    flag.set()
    thread.join(5)
    assert not thread.is_alive()


# --- taking the port -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("127.0.0.1", 70_000, "VOC_PORT"),
        ("127.0.0.1", -1, "VOC_PORT"),
        ("203.0.113.7", 0, "VOC_HOST"),
        ("not an address", 0, "VOC_HOST"),
    ],
)
def test_a_wrong_address_names_the_setting(host: str, port: int, name: str) -> None:
    with pytest.raises(SettingError) as caught:
        Server(lambda environ, start_response: [], host=host, port=port).bind()
    assert caught.value.name == name


def test_a_port_in_use_names_the_setting_and_the_port(start: Callable[..., Running]) -> None:
    host, port = start().address
    with pytest.raises(SettingError, match=f"VOC_PORT: port {port} is already in use") as caught:
        listen(host, port)
    assert caught.value.name == "VOC_PORT"


def test_the_port_can_be_connected_to_before_the_server_runs() -> None:
    server = Server(lambda environ, start_response: [], host="127.0.0.1", port=0)
    with pytest.raises(RuntimeError):
        _ = server.port
    server.bind()
    server.bind()
    assert server.url == f"http://127.0.0.1:{server.port}"
    socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    server.stop()
    server.run()


def test_connections_are_fewer_when_the_system_gives_fewer_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resource.setrlimit", lambda *limits: None)
    for soft, hard, fits in [(1024, 1024, 768), (256, 256, 128), (1024, 524_288, 2000), (4096, 4096, 2000)]:
        monkeypatch.setattr("resource.getrlimit", lambda kind, limits=(soft, hard): limits)
        assert room_for(2000) == fits
