"""The same contract wherever a plugin runs: options, store, errors, log, network, secrets; in both modes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.behaviour.isolation.conftest import Yard, drop
from voc.core.settings import Settings
from voc.intake.channels import change_channel
from voc.model import Channel
from voc.plugin import Accepted, HttpCall, Misconfigured, Outbound, Page, Refused, Reply, Sent, TryLater, Undeliverable
from voc.plugin_host import PluginFailed
from voc.plugin_host.context import accepting_context, context_of
from voc.runtime import Runtime
from voc.security.access import SYSTEM

SECRET = "open-sesame-4711"


@pytest.fixture(params=["worker", "process"])
def mode(request: pytest.FixtureRequest) -> str:
    """Where the plugin runs, in turn."""
    found: str = request.param
    return found


@pytest.fixture
def call(yard: Any) -> Callable[..., Any]:
    """`call(method, code, …)` has the channel do `code` in that method."""

    def made(method: str, do: str, *args: Any, writable: bool = True) -> Any:
        runtime: Runtime = yard.runtime
        with runtime.db.writing() as session:
            change_channel(
                session, runtime.host, yard.channel, name="Board", options={"do": do, "password": SECRET},
                now=runtime.clock(), actor=SYSTEM, keys=runtime.keys,
            )  # fmt: skip
        with runtime.db.reading() as session:
            channel = session.get_one(Channel, yard.channel)
        plugin, implementation = runtime.host.channel("board")  # type: ignore[misc]
        whole = method != "accept"
        ctx = context_of(runtime, channel) if whole else accepting_context(runtime, channel, writable=writable)
        return runtime.host.guard.call(plugin, getattr(implementation, method), ctx, *args)

    return made


def failing(call: Callable[..., Any], method: str, do: str, *args: Any, **named: Any) -> tuple[PluginFailed, Any]:
    with pytest.raises(PluginFailed) as caught:
        call(method, do, *args, **named)
    return caught.value, caught.value.__cause__


OUT = Outbound("<m@x>", "Hola ñ \U0001f600", {"box": [1, {"a": None}]}, references=("a", "b"))
POST = HttpCall("POST", {"x-id": "7"}, {"q": "1"}, b"\x00\xff")


def test_values_arrive_as_they_are(call: Callable[..., Any]) -> None:
    page = call(
        "fetch", "answer = Page((Pulled(b'\\x00\\xff', 'a/b', '1'),), {'after': [1, cursor]}, True, 'n')", {"a": 0}
    )
    assert isinstance(page, Page)
    assert (page.items[0].body, page.cursor, page.more, page.notice) == (
        b"\x00\xff",
        {"after": [1, {"a": 0}]},
        True,
        "n",
    )
    sent = call("send", "answer = Sent(repr(message))", OUT)
    assert sent == Sent(repr(OUT))
    assert call("accept", "", POST) == Accepted(POST.body, "application/json", "7")
    assert call("accept", "answer = Refused('no', 409)", POST) == Refused("no", 409)
    assert call("accept", "answer = Reply(call.query['q'])", POST) == Reply("1")


def test_store_is_kept_at_once_and_between_calls(call: Callable[..., Any]) -> None:
    call("fetch", "ctx.store.set('seen', [1, 'ñ']); ctx.store.set('gone', 1); ctx.store.set('gone', None)", None)
    error, _ = failing(call, "fetch", "ctx.store.set('late', 2); raise OSError('the roof fell in')", None)
    assert "the roof fell in" in error.reason
    found = call("fetch", "answer = Page((), {n: ctx.store.get(n) for n in ('seen', 'gone', 'late')})", None)
    assert found.cursor == {"seen": [1, "ñ"], "gone": None, "late": 2}
    _, cause = failing(call, "fetch", "ctx.store.set('long', 'x' * 20_000)", None)
    assert isinstance(cause, ValueError)


def test_words_of_the_contract_are_understood(call: Callable[..., Any]) -> None:
    _, later = failing(call, "send", "raise TryLater('shut', after=7)", OUT)
    assert isinstance(later, TryLater)
    assert (str(later), later.after) == ("shut", 7)
    assert isinstance(failing(call, "send", "raise Undeliverable('gone')", OUT)[1], Undeliverable)
    assert isinstance(failing(call, "fetch", "class Own(Misconfigured): pass\nraise Own('no')", None)[1], Misconfigured)
    assert isinstance(failing(call, "fetch", "int('x')", None)[1], ValueError)
    error, cause = failing(call, "fetch", "raise ConnectionResetError('cut')", None)
    assert (error.reason, error.permanent, isinstance(cause, ValueError)) == ("ConnectionResetError: cut", True, False)


def test_accept_has_no_network_and_a_get_keeps_nothing(call: Callable[..., Any]) -> None:
    for do in ("ctx.http.get('https://x')", "ctx.connect('127.0.0.1', 1)"):
        assert "accept has no network" in failing(call, "accept", do, POST)[0].reason
    assert "a GET changes nothing" in failing(call, "accept", "ctx.store.set('a', 1)", POST, writable=False)[0].reason


def test_secrets_are_masked_in_log_and_errors(call: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    said = "ctx.options['password']"
    do = f"ctx.log.warning('with %s', {said})\nprint({said}, flush=True)\nraise ValueError('bad ' + {said})"
    error, cause = failing(call, "check", do)
    assert error.reason == "ValueError: bad …"
    assert SECRET not in str(cause)
    assert "with …" in caplog.text
    assert SECRET not in caplog.text
    assert all(SECRET not in str(vars(record)) for record in caplog.records)


class Answering(BaseHTTPRequestHandler):
    """Says pong."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"pong")

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


@pytest.fixture
def server() -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}/"
    made.shutdown()
    made.server_close()


def test_address_guard_holds(call: Callable[..., Any], server: str) -> None:
    error, _ = failing(call, "fetch", f"ctx.http.get('{server}')", None)
    assert "VOC_PRIVATE_ADDRESSES would have to allow it" in error.reason
    port = server.rsplit(":", 1)[1].strip("/")
    error, _ = failing(call, "fetch", f"ctx.connect('localhost', {port})", None)
    assert "VOC_PRIVATE_ADDRESSES would have to allow it" in error.reason


def test_allowed_addresses_are_reached(
    open_house: Callable[..., Runtime], sqlite_settings: Settings, mode: str, server: str
) -> None:
    drop(sqlite_settings.instance)
    here = ("board",) if mode == "worker" else ()
    yard = Yard(open_house(plugins_in_worker=here, private_addresses="127.0.0.0/8"))
    with yard.runtime.db.reading() as session:
        channel = session.get_one(Channel, yard.channel)
    channel.options = {"do": f"answer = Page((), {{'said': ctx.http.get('{server}').text}})"}
    plugin, implementation = yard.runtime.host.channel("board")  # type: ignore[misc]
    page = yard.runtime.host.guard.call(plugin, implementation.fetch, context_of(yard.runtime, channel), None)
    assert page.cursor == {"said": "pong"}
