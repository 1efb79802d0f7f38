"""A vendor of fixtures, played by hand: it gives what customers say there and shows what reaches them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, get_args

from voc.core.clock import Clock
from voc.core.errors import Invalid
from voc.plugin import Author, Channel
from voc.testkit.fixtures import Fixtures, Trouble, Vendor
from voc.testkit.plugin import Located, Plugin, load
from voc.testkit.said import Said
from voc.testkit.vendor import HttpVendor

# What it has to give from the start: a name, the words, and a score from 0 to 10.
FIRST = (
    ("Ana Peña", "El pedido llegó tarde y la caja venía abierta.", 0),
    ("João Araújo", "Tudo certo, obrigado!", 10),
    ("Beth O'Neill", "Nobody answers the phone 😡", None),
)
WELL = "well"
TROUBLES: tuple[str, ...] = get_args(Trouble)


@dataclass(slots=True)
class Play:
    """One channel's vendor while it runs. `options` are those with which a channel finds it; `fetched` says whether
    customers speak there: else it only takes what we send."""

    channel: type[Channel]
    fixtures: Fixtures
    vendor: Vendor
    options: Mapping[str, Any]
    fetched: bool
    clock: Clock
    # Another number in every session: an id that was given before would be the same message to voc.
    number: int = field(init=False)
    shown: int = 0

    def __post_init__(self) -> None:
        """Begin to count at a number that no earlier session came to."""
        self.number = int(self.clock().timestamp())

    def first(self) -> list[Said]:
        """What customers say there before anybody asks."""
        if not self.fetched:
            return []
        scored = "score" not in self.fixtures.cannot and "nps" in self.fixtures.metrics
        return [self.say(text, name, score if scored else None) for name, text, score in FIRST]

    def say(self, text: str, name: str = "Ana Peña", score: int | None = None) -> Said:
        """A customer says something there."""
        if not self.fetched:
            raise Invalid("voc asks nothing of this vendor: what customers say is posted to the channel's address")
        self.number += 1
        now = None if "sent_at" in self.fixtures.cannot else self.clock()
        metric = None if score is None else "nps"
        said = Said(f"m-{self.number}", text, metric, score, now, Author(name=name))  # type: ignore[arg-type]
        self.vendor.put(said)
        return said

    def trouble(self, word: str) -> None:
        """From now on this goes wrong there, until WELL."""
        if word not in (*TROUBLES, WELL):
            raise Invalid(f"{word!r} is nothing that goes wrong: {', '.join(TROUBLES)}, and {WELL} ends it")
        self.vendor.trouble = None if word == WELL else word  # type: ignore[assignment]

    def heard(self) -> list[str]:
        """What reached customers since this was asked last."""
        new = [got.text for got in list(self.vendor.got)[self.shown :]]
        self.shown += len(new)
        return new


@contextmanager
def playing(located: Located, *, clock: Clock, kind: str = "", port: int = 0) -> Iterator[Play]:
    """The vendor of a plugin's channel, running on loopback; an HttpVendor that names no port of its own at `port`, 0
    for any that is free.

    Raises Invalid when there is none. What the plugin's files hold is run in this process, as by pytest.
    """
    plugin = load(located)
    channel, fixtures = _chosen(plugin, kind)
    with ExitStack() as open_now:
        before, HttpVendor.port = HttpVendor.port, port
        try:
            vendor = open_now.enter_context(_vendor(fixtures))
        except OSError as error:
            raise Invalid(f"the vendor cannot listen at port {port}: {error.strerror}") from None
        finally:
            HttpVendor.port = before
        declared = {option.name for option in channel.options}
        given = {name: value for name, value in {**fixtures.options, **vendor.options}.items() if name in declared}
        yield Play(channel, fixtures, vendor, given, "FETCH" in plugin.capabilities, clock)


def _chosen(plugin: Plugin, kind: str) -> tuple[type[Channel], Fixtures]:
    """The channel and its fixtures; raises Invalid with the reason why there is none."""
    if trouble := plugin.trouble:
        raise Invalid(f"the plugin cannot be loaded: {trouble}")
    if plugin.no_fixtures:
        raise Invalid(f"fixtures.py cannot be used ({plugin.no_fixtures})")
    known = sorted(plugin.channels.keys() & plugin.fixtures.keys())
    if kind and kind not in known:
        raise Invalid(f"it has no fixtures for channels of kind {kind}: {', '.join(known) or 'none'}")
    if not known:
        raise Invalid("it offers no channel that fixtures.py knows: only a channel has a vendor to play")
    if not plugin.capabilities & {"FETCH", "SEND"}:
        raise Invalid("it neither fetches nor sends: there is no vendor that voc would ask")
    chosen = kind or known[0]
    return plugin.channels[chosen], plugin.fixtures[chosen]


def _vendor(fixtures: Fixtures) -> AbstractContextManager[Vendor]:
    try:
        return fixtures.vendor()
    except NotImplementedError as error:
        raise Invalid(str(error)) from None
