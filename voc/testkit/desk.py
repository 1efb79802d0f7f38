"""A channel's surroundings in the kit: the same guarded ways out as the host's, but only to loopback, and impatient."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn, Self

from voc.net.addresses import AddressGuard
from voc.net.connect import connect
from voc.plugin import Channel, Context, NotHere, View
from voc.testkit.parsers import KitParsers
from voc.testkit.said import NOW

# Seconds that one step over the network may take here; the host allows twenty.
PATIENCE = 1.5
MOST_STORED = 10_000


class Cancelled(BaseException):
    """What the kit raises to end a call: no `except Exception` may keep it."""


class Loopback(AddressGuard):
    """Only this machine, and no name is ever looked up elsewhere."""

    def resolve(self, host: str, port: int) -> Sequence[tuple[int, str]]:
        """The address when it is one of this machine; `socket.gaierror` for any other."""
        if host.strip("[]") not in ("127.0.0.1", "::1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "the kit knows no other machine")
        return [(socket.AF_INET, "127.0.0.1")]


class KitStore:
    """The channel's own store: holds what JSON can hold, and no more than the host takes."""

    def __init__(self, *, writable: bool = True) -> None:
        self.values: dict[str, str] = {}
        self.writable = writable

    def get(self, name: str) -> Any:
        """The value, None when there is none."""
        return json.loads(self.values[name]) if name in self.values else None

    def set(self, name: str, value: Any) -> None:
        """Keep `value`; raises as the host's does."""
        if not self.writable:
            raise NotHere("a GET changes nothing: keep values in a POST, or in check, fetch or send")
        values = {key: kept for key, kept in self.values.items() if key != name}
        if value is not None:
            values[name] = json.dumps(value)
        if sum(len(key) + len(kept) for key, kept in values.items()) > MOST_STORED:
            raise ValueError(f"a channel may keep {MOST_STORED} characters in all")
        self.values = values


class Desk:
    """One channel at work, in tests of your own: `with Desk(options, channel=Acme) as desk: Acme().check(desk.ctx())`.

    With `channel` the options are what they are in production: checked (ValueError says what is wrong), made the type
    that is declared, and filled up with the declared defaults. Without it they are taken as they are. The network is
    loopback alone, and a step of it may take 1.5 seconds. `now` can be moved, `store` looked into; `cancelled` ends
    the next step over the network.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        parsers: KitParsers | None = None,
        *,
        channel: Channel | type[Channel] | None = None,
    ) -> None:
        from voc.net import http

        self.options = dict(options) if channel is None else _checked(channel, options)
        self.parsers = parsers or KitParsers()
        self.store = KitStore()
        self.now: datetime = NOW
        self.cancelled = False
        self.http = http.session(Loopback(), timeouts=(PATIENCE, PATIENCE))
        self._send = self.http.send
        self.http.send = self._sent  # type: ignore[method-assign]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def view(self, **options: Any) -> View:
        """What `form` and `read` may look at: the host keeps secrets out of it, and so do the fixtures' rules."""
        return View(options={**self.options, **options}, brand="Aurora", parsers=self.parsers)

    def ctx(self, **options: Any) -> Context:
        """What `check`, `fetch` and `send` get."""
        return Context(
            options={**self.options, **options},
            brand="Aurora",
            parsers=self.parsers,
            http=self.http,
            connect=self._connect,
            log=logging.getLogger("voc.channel.kit"),
            now=lambda: self.now,
            store=self.store,
        )

    def accepting(self, *, writable: bool = True, **options: Any) -> Context:
        """What `accept` gets: no network, and for a GET a store that can only be read."""
        store = KitStore(writable=writable)
        store.values = dict(self.store.values)
        return Context(
            options={**self.options, **options},
            brand="Aurora",
            parsers=self.parsers,
            http=_NoNetwork(),
            connect=_no_network,
            log=logging.getLogger("voc.channel.kit"),
            now=lambda: self.now,
            store=store,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.http.close()

    def _sent(self, request: Any, **named: Any) -> Any:
        if self.cancelled:
            raise Cancelled
        return self._send(request, **{**named, "timeout": PATIENCE})

    def _connect(self, host: str, port: int, *, tls: bool = False, timeout: float = PATIENCE) -> socket.socket:
        if self.cancelled:
            raise Cancelled
        return connect(Loopback(), host, port, tls=tls, timeout=min(timeout, PATIENCE))


def _checked(channel: Channel | type[Channel], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the host would hand them on."""
    values, wrong = channel.options.check(options)
    if wrong:
        said = "; ".join(f"{name}: {', '.join(reasons)}" for name, reasons in wrong.items())
        raise ValueError(f"these options would not be taken for {channel.kind}: {said}")
    return values


def _no_network(*_args: object, **_named: object) -> NoReturn:
    raise NotHere("accept has no network: keep the raw thing, and ask other servers in check, fetch or send")


class _NoNetwork:
    def __getattr__(self, name: str) -> NoReturn:
        _no_network(name)


class Ear(logging.Handler):
    """Keeps every line that is logged, with its fields and traceback, as nobody masked it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line. What the HTTP library itself says about its requests is not the plugin's."""
        if not record.name.startswith(("urllib3", "requests")):
            self.lines.append(f"{logging.Formatter().format(record)} {vars(record)}")


@contextmanager
def listening() -> Iterator[Ear]:
    """Everything that is logged meanwhile, from the most talkative level on."""
    ear, root = Ear(), logging.getLogger()
    level, disabled = root.level, logging.root.manager.disable
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    logging.disable(logging.NOTSET)
    try:
        yield ear
    finally:
        root.removeHandler(ear)
        root.setLevel(level)
        logging.disable(disabled)
