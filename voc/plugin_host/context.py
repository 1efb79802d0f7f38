"""What a channel or another offer gets besides its input: options with secrets, guarded ways out, a log, a clock, a
small store."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import Permanent, Temporary
from voc.core.settings import Settings
from voc.core.text import is_storable
from voc.db import Database
from voc.model import Channel, PluginSetting
from voc.net.addresses import AddressGuard
from voc.net.connect import connect
from voc.plugin import Context, NotHere, View
from voc.plugin_host import queries
from voc.plugin_host.host import PluginHost
from voc.plugin_host.masking import LEAST, masker
from voc.plugin_host.nowhere import NoNetwork, no_network
from voc.security.keys import Keys

MOST_STORED = 10_000


class Unset(Permanent):
    """A plugin waits for settings that a person has to give."""


class House(Protocol):
    """What a context is made of (`voc.runtime.Runtime`)."""

    settings: Settings
    db: Database
    keys: Keys
    host: PluginHost

    @property
    def clock(self) -> Clock:
        """What time it is."""


def view_of(host: PluginHost, kind: str, options: Mapping[str, Any]) -> View:
    """What `form` and `read` of channels of `kind` may look at: no secret is in it."""
    return View(options={**_proposed(host, kind, secret=False), **options}, parsers=LateParsers(host))


def context_of(house: House, channel: Channel) -> Context:
    """What `check`, `fetch` and `send` get for `channel`; connections are opened when they are asked for."""
    from voc.net import http

    guard = AddressGuard.of(house.settings.private_addresses)
    return replace(_within(house, channel), http=http.session(guard), connect=partial(connect, guard))


def plugin_context(house: House, plugin: str) -> Context:
    """What the offers of `plugin` get: its settings as a whole with their defaults and its secrets, and a store of its
    own. Raises Unset while a setting that it needs is missing, Permanent when the key of the secrets is lost.
    """
    from voc.net import http

    with house.db.reading() as session:
        row = queries.setting(session, plugin)
        given, sealed_ = (dict(row.options), row.secrets) if row else ({}, None)
    secrets = secrets_of(house.keys, sealed_)
    declared = list(house.host.settings_of(plugin))
    names = {option.name for option in declared}
    known = {name: value for name, value in {**given, **secrets}.items() if name in names}
    if missing := [
        item.name for item in declared if item.required and known.get(item.name, item.default) in (None, "")
    ]:
        raise Unset(f"plugin {plugin} needs {', '.join(missing)}: voc plugin set {plugin} {missing[0]}=…")
    guard = AddressGuard.of(house.settings.private_addresses)
    return Context(
        options={**{option.name: option.default for option in declared}, **known},
        parsers=LateParsers(house.host),
        http=http.session(guard),
        connect=partial(connect, guard),
        log=_Discreet(logging.getLogger(f"voc.plugins.{plugin}"), secrets),
        now=house.clock,
        store=PluginStore(house.db, plugin),
    )


def accepting_context(house: House, channel: Channel, *, writable: bool) -> Context:
    """What `accept` gets for `channel`, in the web process: no network, and unless `writable` a store that can only be
    read. Asking for what is not there raises `voc.plugin.NotHere`."""
    ctx = _within(house, channel)
    return ctx if writable else replace(ctx, store=ReadOnlyStore(house.db, channel.id))


def _within(house: House, channel: Channel) -> Context:
    """All that needs no way out."""
    secrets = secrets_of(house.keys, channel.secrets)
    return Context(
        options={**_proposed(house.host, channel.kind, secret=True), **channel.options, **secrets},
        parsers=LateParsers(house.host),
        http=NoNetwork(),
        connect=no_network,
        log=_Discreet(logging.getLogger(f"voc.channel.{channel.kind}"), secrets),
        now=house.clock,
        store=ChannelStore(house.db, channel.id),
    )


def _proposed(host: PluginHost, kind: str, *, secret: bool) -> dict[str, Any]:
    """What the plugin proposes for each option: one that came with a newer version, or a secret that nobody gave, is
    there for it too."""
    found = host.channel(kind)
    return {item.name: item.default for item in found[1].options if secret or not item.secret} if found else {}


def secrets_of(keys: Keys, stored: bytes | None) -> dict[str, Any]:
    """The secret options of a channel; raises Permanent when they were written with another key."""
    if not stored:
        return {}
    found: dict[str, Any] = json.loads(keys.decrypt(stored))
    return found


def sealed(keys: Keys, secrets: Mapping[str, Any]) -> bytes | None:
    """The inverse; None when there is nothing to hide."""
    return keys.encrypt(json.dumps(dict(secrets)).encode()) if secrets else None


class LateParsers:
    """The host's parsers, whose child starts when a channel first has something for it."""

    def __init__(self, host: PluginHost) -> None:
        self._host = host

    def mail(self, body: bytes) -> Any:
        """Take a mail apart."""
        return self._host.parsers.mail(body)

    def text_of_html(self, html: str) -> str:
        """Plain text of HTML."""
        return self._host.parsers.text_of_html(html)


class ChannelStore:
    """JSON values of one channel, in its row; every `set` is a transaction of its own."""

    def __init__(self, db: Database, channel_id: UUID) -> None:
        self._db = db
        self._channel_id = channel_id

    def get(self, name: str) -> Any:
        """The value, None when there is none."""
        with self._db.reading() as session:
            return queries.channel_store(session, self._channel_id).get(name)

    def set(self, name: str, value: Any) -> None:
        """Keep `value`; raises ValueError when it is no JSON or the whole would be too long."""
        with self._db.writing() as session:
            channel = queries.channel_for_update(session, self._channel_id)
            if channel is None:
                return
            channel.store = _with(channel.store or {}, name, value, "channel")


class PluginStore:
    """JSON values of one plugin as a whole; every `set` is a transaction of its own."""

    def __init__(self, db: Database, plugin: str) -> None:
        self._db = db
        self._plugin = plugin

    def get(self, name: str) -> Any:
        """The value, None when there is none."""
        with self._db.reading() as session:
            row = queries.setting(session, self._plugin)
            return row.store.get(name) if row else None

    def set(self, name: str, value: Any) -> None:
        """Keep `value`; raises ValueError when it is no JSON or the whole would be too long."""
        with self._db.writing() as session:
            row = setting_row(session, self._plugin)
            row.store = _with(row.store, name, value, "plugin")


def setting_row(session: Session, plugin: str) -> PluginSetting:
    """The row of a plugin as a whole, locked; made when there is none, whoever else makes it now."""
    row = queries.setting_for_update(session, plugin)
    if row is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():
            session.add(
                PluginSetting(name=plugin, options={}, secrets=None, store={}, changed_by=None, changed_at=None)
            )
        row = queries.setting_for_update(session, plugin)
    if row is None:
        raise Temporary(f"what plugin {plugin} keeps cannot be written now")
    return row


def _with(store: Mapping[str, Any], name: str, value: Any, whose: str) -> dict[str, Any]:
    """`store` with one value more, or less; raises ValueError when it is no JSON or too much."""
    values = {**store, name: value}
    if value is None:
        del values[name]
    try:
        text = json.dumps(values, ensure_ascii=False, allow_nan=False)
        size = len(json.dumps(values))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"a {whose} keeps JSON values: {error}") from None
    if "\\u0000" in text.replace("\\\\", "") or not is_storable(text):
        raise ValueError(f"a {whose} keeps text that both databases can: no NUL, no half of a character")
    if size > MOST_STORED:
        raise ValueError(f"a {whose} may keep {MOST_STORED} characters in all")
    return values


class ReadOnlyStore(ChannelStore):
    """The same, for a call that must not change anything (I12)."""

    def set(self, name: str, value: Any) -> None:
        """Refused; raises NotHere."""
        raise NotHere("a GET changes nothing: keep values in a POST, or in check, fetch or send")


class _Discreet(logging.LoggerAdapter[logging.Logger]):
    """A log in which the channel's secrets are masked, wherever in a line they stand."""

    def __init__(self, logger: logging.Logger, secrets: Mapping[str, Any]) -> None:
        super().__init__(logger, {})
        self._masked = masker(secrets)
        # For what a process of its own prints; the longest first: one may be the beginning of another.
        self.secrets = sorted(
            (text for text in map(str, secrets.values()) if len(text) >= LEAST), key=len, reverse=True
        )

    def masked(self, text: str) -> str:
        """`text` without the secrets, also as JSON and addresses write them."""
        return self._masked(text)

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """As `logging`, with the arguments put in first."""
        if self.isEnabledFor(level):
            text = str(msg) % args if args else str(msg)
            self.logger.log(level, "%s", self.masked(text), **kwargs)
