"""One channel or analyzer under test, with the small questions that every rule asks of it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from voc.plugin import (
    Accepted,
    Channel,
    Edited,
    HttpCall,
    Inbound,
    Misconfigured,
    Outbound,
    Page,
    Pulled,
    Raw,
    ReadItem,
    Sent,
    TryLater,
    Undeliverable,
)
from voc.testkit.desk import Desk
from voc.testkit.fixtures import AnalyzerFixtures, Fixtures, OfferFixtures, Trouble, Vendor
from voc.testkit.parsers import KitParsers
from voc.testkit.plugin import Plugin
from voc.testkit.reaching import STARTING, absence
from voc.testkit.rule import Broken, NotTested, NoVendor, broken, shown
from voc.testkit.said import NOW, Said

CALLS = 60
HONEST = (TryLater, Misconfigured, Undeliverable)


@dataclass(slots=True)
class Tried:
    """What a call gave: a value or an exception."""

    value: Any = None
    error: BaseException | None = None

    @property
    def kind(self) -> str:
        """What it was, for a sentence."""
        if self.error is None:
            return f"returned {shown(self.value)}"
        return f"raised {type(self.error).__name__}: {' '.join(str(self.error).split())[:160]}"


@dataclass(slots=True)
class Subject:
    """A channel kind, an analyzer or another offer, with its fixtures.

    `host_says` is why the host would not load the plugin. `maker` makes the channel instead of its class: another way
    of running it must keep the same rules. `planned` are the rules that it is held to, None for all that apply;
    `patience` the seconds that its vendor may take to start.
    """

    plugin: Plugin
    name: str
    of: Literal["channel", "analyzer", "offer"]
    fixtures: Fixtures = field(default_factory=Fixtures)
    analyzer_fixtures: AnalyzerFixtures = field(default_factory=AnalyzerFixtures)
    offer_fixtures: OfferFixtures = field(default_factory=OfferFixtures)
    host_says: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    parsers: KitParsers = field(default_factory=KitParsers)
    maker: Callable[[], Channel] | None = None
    planned: frozenset[str] | None = None
    patience: float = STARTING
    _absence: str | None = None

    @property
    def capabilities(self) -> frozenset[str]:
        """What plugin.toml declares; for an offer the key of its kind."""
        if self.of == "offer":
            return frozenset({self.plugin.offers[self.name][0]} if self.name in self.plugin.offers else ())
        return self.plugin.capabilities

    @property
    def is_there(self) -> bool:
        """Whether the plugin really offers it."""
        every: Mapping[str, Any] = {
            "channel": self.plugin.channels, "analyzer": self.plugin.analyzers, "offer": self.plugin.offers
        }[self.of]  # fmt: skip
        return self.name in every

    @property
    def has_fixtures(self) -> bool:
        """Whether fixtures.py knows it."""
        if self.of == "offer":
            return self.plugin.fixtures_of(self.name) is not None
        return self.name in (self.plugin.fixtures if self.of == "channel" else self.plugin.analyzer_fixtures)

    @property
    def cannot(self) -> Mapping[str, str]:
        """Reasons by rule or feature, from the fixtures and from plugin.toml."""
        own = {
            "channel": self.fixtures.cannot,
            "analyzer": self.analyzer_fixtures.cannot,
            "offer": self.offer_fixtures.cannot,
        }[self.of]
        written = self.plugin.manifest.get("conformance")
        skipped = written.get("skip") if isinstance(written, dict) else None
        return {**own, **(skipped if isinstance(skipped, dict) else {})}

    @property
    def kind(self) -> type[Channel]:
        """The class under test."""
        return self.plugin.channels[self.name]

    @property
    def analyzer(self) -> Any:
        """The analyzer under test."""
        return self.plugin.analyzers[self.name]

    @property
    def offer(self) -> Any:
        """The offer under test."""
        return self.plugin.offers[self.name][1]

    @property
    def options(self) -> dict[str, Any]:
        """The options of the fixtures with what the channel proposes for the rest."""
        return {**{item.name: item.default for item in self.kind.options}, **self.fixtures.options}

    @property
    def secrets(self) -> dict[str, str]:
        """The secret options of the fixtures."""
        given = {item.name: self.options.get(item.name) for item in self.kind.options if item.secret}
        return {name: str(value) for name, value in given.items() if value}

    def can(self, feature: str) -> bool:
        """Whether the vendor knows this."""
        return feature not in self.cannot

    def channel(self) -> Channel:
        """A fresh one."""
        return self.maker() if self.maker is not None else self.kind()

    @contextmanager
    def desk(self, vendor: Vendor | None = None) -> Iterator[Desk]:
        """Its surroundings, at `vendor` when there is one."""
        desk = Desk({**self.options, **(vendor.options if vendor else {})}, self.parsers)
        try:
            yield desk
        finally:
            desk.close()

    def absence(self) -> str:
        """Why the vendor of the fixtures cannot be had, empty when it can; tried once."""
        if self._absence is None:
            own = self.fixtures if self.of == "channel" else self.offer_fixtures
            options = self.options if self.of == "channel" else self.offer_fixtures.settings
            self._absence = absence(own.vendor, options, self.patience)
        return self._absence

    def demand_vendor(self) -> None:
        """Raises NoVendor where it cannot be had."""
        if said := self.absence():
            raise NoVendor(said)

    @contextmanager
    def at_work(self) -> Iterator[tuple[Desk, Vendor]]:
        """The channel's surroundings with its vendor running; NoVendor when it cannot be had."""
        self.demand_vendor()
        with self.fixtures.vendor() as vendor, self.desk(vendor) as desk:
            yield desk, vendor

    def raw(self, said: Said) -> Raw:
        """`said` in the vendor's format; NotTested with the reason when the vendor does not know such things."""
        for feature in sorted(said.features):
            if not self.can(feature):
                raise NotTested(self.cannot[feature])
        return self.fixtures.raw(said)

    def read(self, raw: Raw, channel: Channel | None = None) -> list[ReadItem]:
        """What the channel reads in it; without secrets, as the host has it."""
        secret = {item.name for item in self.kind.options if item.secret}
        with self.desk() as desk:
            view = desk.view()
            view = replace(view, options={name: value for name, value in view.options.items() if name not in secret})
            return list((channel or self.channel()).read(view, raw))

    def inbound(self, said: Said) -> Inbound:
        """The one feedback in `said`."""
        items = self.read(self.raw(said))
        found = [item for item in items if isinstance(item, Inbound)]
        if len(found) != 1:
            broken(f"read gave {shown(items)} for a message of one customer, which is not one Inbound")
        return found[0]

    def accept(self, said: Said, at: Any = NOW) -> tuple[HttpCall, Any]:
        """(the vendor's signed request, what the channel made of it)."""
        with self.desk() as desk:
            call = self.fixtures.call(self.raw(said), at=at, options=desk.options)
            return call, self.channel().accept(desk.accepting(), call)

    def outbound(
        self, said: Said, *, text: str = "Lo sentimos, ¡ya va otro! 💛", id: str = "<a1@kit.example>"
    ) -> Outbound:
        """An answer to `said`."""
        target = self.inbound(said).reply_to
        if target is None:
            broken("read gave no reply_to, so that the customer cannot be answered through this channel")
        return Outbound(id, text, json.loads(json.dumps(dict(target))), subject="Su pedido", language="es")

    def where(self, method: str) -> str:
        """`acme/__init__.py:31 (read)`, to click on."""
        owner = self.kind if self.of == "channel" else type(self.analyzer if self.of == "analyzer" else self.offer)
        found: Any = getattr(owner, method, None)
        try:
            file, line = inspect.getsourcefile(found), inspect.getsourcelines(found)[1]
        except (TypeError, OSError):
            return f"{self.plugin.located.folder.name}/plugin.toml" if method == "plugin.toml" else method
        folder = self.plugin.located.folder
        short = str(file).removeprefix(f"{folder.parent}/")
        return f"{short}:{line} ({method})"


def tried(function: Callable[..., Any], *args: Any) -> Tried:
    """Call it and keep what came of it; what ends the process goes on."""
    try:
        value = function(*args)
    except (Broken, NotTested):
        raise
    except Exception as error:  # noqa: BLE001  the plugin border: what it raises is what is looked at
        return Tried(error=error)
    return Tried(value)


def drain(channel: Channel, desk: Desk, cursor: Mapping[str, Any] | None) -> tuple[list[Pulled], Any]:
    """Fetch until there is no more, as the host does: (what was found, the cursor as it would be stored)."""
    items: list[Pulled] = []
    for _ in range(CALLS):
        page = channel.fetch(desk.ctx(), cursor)
        if not isinstance(page, Page):
            broken(f"fetch returned {shown(page)}, which is no Page")
        items += page.items
        if page.cursor is not None:
            cursor = json.loads(json.dumps(page.cursor, allow_nan=False))
        if not page.more:
            return items, cursor
    raise Broken(f"fetch says `more` for ever: {CALLS} pages and no end")


def texts_of(subject: Subject, items: list[Pulled]) -> dict[str, str]:
    """delivery_id → the customer's words, of everything that was fetched."""
    found: dict[str, str] = {}
    for item in items:
        raw = Raw(item.body, item.content_type, NOW, item.headers, item.delivery_id)
        said = [part.text for part in subject.read(raw) if isinstance(part, (Inbound, Edited)) and part.text]
        found[item.delivery_id] = " / ".join(said)
    return found


def sent(channel: Channel, desk: Desk, message: Outbound) -> Tried:
    """Try to send it once."""
    result = tried(channel.send, desk.ctx(), message)
    if result.error is None and not (isinstance(result.value, Sent) and result.value.external_id):
        broken(f"send returned {shown(result.value)}, which is no Sent with an external_id")
    return result


def trouble(vendor: Vendor, kind: Trouble | None) -> None:
    """From now on this goes wrong there."""
    vendor.trouble = kind


def is_accepted(value: Any) -> bool:
    """Whether the host would store it."""
    return isinstance(value, Accepted)
