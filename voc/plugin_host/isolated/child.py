"""The side of the plugin: a process that limits itself, loads one plugin, and makes its calls until the host is gone.

It hears `{"do": method, "kind": …, "args": …}` and says `{"done": value}` or `{"error": …}`. While it works it may ask
the host for what the contract gives a channel (`{"ask": …}`: store, parsers, time), which answers `{"re": value}` or
`{"wrong": …}`, and tell it lines for the log (`{"log": …}`) and those that a command says (`{"line": …}`), which nobody
answers.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from voc.plugin import Channel, Command, Context, NotHere, Offer, Option, Options, Raw, View
from voc.plugin.analyzer import ClauseAnalyzer
from voc.plugin_host.host import PluginHost
from voc.plugin_host.isolated.wire import Unpacked, error_of, pack, raised
from voc.plugin_host.offers import KINDS, OfferKind, said_by
from voc.plugin_host.sources import candidate_at
from voc.plugin_host.telling import Telling
from voc.process.companion import OUT_OF_MEMORY
from voc.process.confined import Computing, confine, end_with
from voc.process.frames import Unpacker, packed

# What `read` may give, and one more, so that the host sees that it was too much.
MOST_READ = 1001
MOST_LINES = 200
LONGEST_LINE = 4000
# Methods of a channel that the host has to know of.
METHODS = ("accept", "check", "fetch", "form", "read", "send")
# Seconds of computing that a call may take at least, and threads that a plugin left behind after it. The call itself
# is ended by the host at its deadline.
LEAST = 30.0


def main(spec: str, saying: str, life: str) -> None:
    """The whole life; `spec` is JSON, the others are descriptors."""
    given = json.loads(spec)
    confine(memory=given["memory"], file_size=given["file_size"], files=given["files"])
    computing = Computing()
    computing.allow(given["load_seconds"])
    end_with(int(life))
    line = Line(_apart(0), int(saying))
    os.set_inheritable(int(saying), False)
    os.set_inheritable(int(life), False)
    try:
        Serving(line, given).run(computing)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (EOFError, BrokenPipeError):
        os._exit(0)


def _apart(descriptor: int) -> int:
    """Take a descriptor over: what the plugin finds in its place is empty."""
    kept = os.dup(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, descriptor)
    os.close(null)
    return kept


class Line:
    """The pipe to the host: frames out under a lock, frames in one at a time."""

    def __init__(self, hearing: int, saying: int) -> None:
        self._hearing, self._saying = hearing, saying
        self._frames = Unpacker()
        self._owner = os.getpid()
        self.lock = threading.RLock()
        self.busy = False
        self._lines = 0

    def hear(self) -> tuple[Any, memoryview]:
        """The next frame; raises EOFError when the host is gone."""
        found = self._frames.take(b"")
        while found is None:
            piece = os.read(self._hearing, 1 << 16)
            if not piece:
                raise EOFError
            found = self._frames.take(piece)
        return found

    def say(self, value: Any, blobs: list[bytes]) -> None:
        """Say a frame. A copy of this process that a plugin forked says nothing: it ends here."""
        if os.getpid() != self._owner:
            os._exit(0)
        rest = memoryview(packed(value, blobs))
        while rest:
            rest = rest[os.write(self._saying, rest) :]

    def ask(self, what: str, *args: Any) -> Any:
        """Ask the host; raises what it says is wrong. Only while a call is going on."""
        with self.lock:
            if not self.busy:
                raise NotHere("the call is over: what belongs to it is given back")
            blobs: list[bytes] = []
            self.say({"ask": what, "args": [pack(item, blobs) for item in args]}, blobs)
            answer, found = self.hear()
        if "wrong" in answer:
            raise raised(answer["wrong"])
        return Unpacked(found).value(answer["re"])

    def log(self, level: int, text: str) -> None:
        """One line for the log; of too many the rest is counted by nobody."""
        with self.lock:
            if self.busy and self._lines < MOST_LINES:
                self._lines += 1
                self.say({"log": level, "text": text[:LONGEST_LINE]}, [])

    def tell(self, text: str) -> None:
        """One line of a command; how many there may be is known by whoever runs it."""
        with self.lock:
            if self.busy:
                self.say({"line": text}, [])

    def starting(self) -> None:
        """A call begins: now it may ask."""
        self.busy, self._lines = True, 0

    def finish(self, value: Any, blobs: list[bytes]) -> None:
        """Say how it ended, or that this cannot be said; from now on nobody may ask."""
        with self.lock:
            self.busy = False
            try:
                self.say(value, blobs)
            except ValueError as error:
                self.say({"error": error_of(error)}, [])


class Lines(logging.Handler):
    """Where the channel's log goes."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        """Say it to the host, with the traceback."""
        self._line.log(record.levelno, self.format(record))


class Asking:
    """Store and parsers of a call; each is a question to the host."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def get(self, name: str) -> Any:
        """The value, None when there is none."""
        return self._line.ask("get", name)

    def set(self, name: str, value: Any) -> None:
        """Keep `value`."""
        self._line.ask("set", name, value)

    def mail(self, body: bytes) -> Any:
        """Take a mail apart."""
        return self._line.ask("mail", body)

    def text_of_html(self, html: str) -> str:
        """Plain text of HTML."""
        found: str = self._line.ask("html", html)
        return found

    def now(self) -> Any:
        """The host's time."""
        return self._line.ask("now")


class Serving:
    """One plugin and its calls."""

    def __init__(self, line: Line, given: dict[str, Any]) -> None:
        self._line = line
        self._asking = Asking(line)
        self._private = given["private"]
        self._log = logging.getLogger("voc.channel")
        self._log.setLevel(logging.DEBUG)
        self._log.propagate = False
        self._log.addHandler(Lines(line))
        candidate = candidate_at(given["name"], given["source"], Path(given["folder"]), given["package"])
        self._host = PluginHost(limit=given["limit"])
        self._host.add(candidate)
        part = self._host.part(candidate.name)
        self._channels = {channel.kind: channel for channel in part.channels}
        self._analyzers = {analyzer.name: analyzer for analyzer in part.analyzers}
        self._part = part

    def run(self, computing: Computing) -> None:
        """Say what the plugin offers, then answer until the host is gone."""
        blobs: list[bytes] = []
        self._line.say({"ready": pack(self._described(), blobs)}, blobs)
        owner = os.getpid()
        while True:
            question, found = self._line.hear()
            computing.allow(max(question["seconds"], LEAST))
            self._line.starting()
            blobs = []
            answer = self._answer(question, Unpacked(found), blobs)
            if os.getpid() != owner:
                os._exit(0)
            self._line.finish(answer, blobs)

    def _described(self) -> dict[str, Any]:
        (state,) = self._host.states
        return {
            "state": state.state,
            "reason": state.reason,
            "channels": [_channel(found) for found in self._channels.values()],
            "analyzers": [
                {
                    "name": found.name,
                    "version": str(found.version),
                    "languages": sorted(found.languages),
                    "clauses": isinstance(found, ClauseAnalyzer),
                }
                for found in self._analyzers.values()
            ],
            "offers": [
                _offer(KINDS[key], offer) for key, offers in self._part.offers.items() for offer in offers.values()
            ],
            "settings": list(self._part.settings),
            "uses": sorted(self._part.uses),
        }

    def _answer(self, question: dict[str, Any], found: Unpacked, blobs: list[bytes]) -> dict[str, Any]:
        """What the call gave, or what went wrong in it. MemoryError ends this process."""
        try:
            value = self._call(question["do"], question["kind"])(*[found.value(item) for item in question["args"]])
            return {"done": pack(value, blobs)}
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001  the plugin border: even SystemExit is only its own
            blobs.clear()
            return {"error": error_of(error, frames=True)}

    def _call(self, method: str, kind: str) -> Callable[..., Any]:
        if method in ("analyze", "analyze_clauses"):
            found: Callable[..., Any] = getattr(self._analyzers[kind], method)
            return found
        key, dot, word = method.partition(".")
        if dot:
            return self._offered(KINDS[key], self._part.offers[key][kind], word)
        channel = self._channels[kind]
        if method == "read":
            return lambda view, raw: _read(channel, self._view(view), raw)
        if method == "form":
            return lambda view: channel.form(self._view(view))
        return lambda ctx, *args: getattr(channel, method)(self._context(ctx), *args)

    def _offered(self, kind: OfferKind, offer: Offer, word: str) -> Callable[..., Any]:
        """One method of an offer; what a command says is drawn here, so that a generator does its work here."""
        function: Callable[..., Any] = partial(said_by, offer) if isinstance(offer, Command) else getattr(offer, word)
        if kind.key == "exporters":
            return function
        return lambda ctx, *args: function(self._context(ctx), *args)

    def _view(self, said: dict[str, Any]) -> View:
        return View(said["options"], said["brand"], said["languages"], self._asking)

    def _context(self, said: dict[str, Any]) -> Context:
        http, connect = self._network(said["network"])
        given: dict[str, Any] = {
            "options": said["options"], "brand": said["brand"], "languages": said["languages"], "http": http,
            "connect": connect, "log": self._log, "now": self._asking.now, "store": self._asking,
            "parsers": self._asking,
        }  # fmt: skip
        return Telling(**given, tell=self._line.tell) if said.get("telling") else Context(**given)

    def _network(self, given: bool) -> tuple[Any, Any]:
        """The ways out: the same guarded ones that a plugin in the worker has, made here; they need no pipe."""
        from voc.plugin_host.nowhere import NoNetwork, no_network

        if not given:
            return NoNetwork(), no_network
        from voc.net import http
        from voc.net.addresses import AddressGuard
        from voc.net.connect import connect

        guard = AddressGuard.of(self._private)
        return http.session(guard), partial(connect, guard)


def _read(channel: Channel, view: View, raw: Raw) -> list[Any]:
    return list(islice(channel.read(view, raw), MOST_READ))


def _channel(channel: Channel) -> dict[str, Any]:
    """What the host must know of a channel without having its code."""
    cls = type(channel)
    options = channel.options if isinstance(channel.options, Options) else Options()
    return {
        "kind": str(channel.kind),
        "title": str(channel.title),
        "options": [option for option in options if isinstance(option, Option)],
        "signature": channel.signature,
        "identity": str(channel.identity),
        "takes_mail": bool(channel.takes_mail),
        "methods": [name for name in METHODS if getattr(cls, name) is not getattr(Channel, name)],
    }


def _offer(kind: OfferKind, offer: Offer) -> dict[str, Any]:
    """What the host must know of another offer without having its code."""
    return {
        "kind": kind.key,
        "name": offer.name,
        "title": offer.title,
        "options": list(offer.options),
        "about": {word: getattr(offer, word) for word in kind.attributes},
        "methods": [word for word in kind.methods if getattr(type(offer), word) is not getattr(kind.base, word)],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
