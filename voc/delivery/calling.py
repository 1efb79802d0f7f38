"""Calling what a plugin offers, and what its failures mean: the same for answers, notices, deeds of rules and slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import Permanent, Temporary, VocError
from voc.core.settings import Settings
from voc.core.text import shorten, storable
from voc.db import Database
from voc.plugin import Context as PluginContext
from voc.plugin import Offer, TryLater, Undeliverable
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.context import plugin_context
from voc.plugin_host.offers import KINDS
from voc.plugin_host.queries import setting
from voc.plugin_host.reports import keeper_elsewhere
from voc.security.keys import Keys

T = TypeVar("T")
# Seconds one call may take: shorter than the lease of a row of work.
CALL = 30.0
LONGEST_REASON = 500


class Context(Protocol):
    """What calling an offer needs of the runtime."""

    settings: Settings
    db: Database
    host: PluginHost
    keys: Keys

    @property
    def clock(self) -> Clock:
        """What time it is."""


def offered(session: Session, key: str) -> dict[str, tuple[str, Offer]]:
    """(plugin, object) by name of all that the loaded plugins offer of one kind, such as `actions`; nothing where this
    session's database serves no house with plugins."""
    host = session.info.get("host")
    return host.offered(key) if isinstance(host, PluginHost) else {}


def set_up(session: Session, plugins: Iterable[str]) -> set[str]:
    """Which of these loaded plugins have every setting that they need."""
    host = session.info.get("host")
    return {name for name in plugins if isinstance(host, PluginHost) and _is_set_up(session, name, host)}


def _is_set_up(session: Session, plugin: str, host: PluginHost) -> bool:
    needed = [option for option in host.settings_of(plugin) if option.required and option.default in (None, "")]
    row = setting(session, plugin) if needed else None
    if not needed or row is None:
        return not needed
    # Whether the secrets are the right ones is seen when they are read.
    return all(row.secrets if option.secret else row.options.get(option.name) not in (None, "") for option in needed)


def offer_of(runtime: Context, key: str, name: str) -> tuple[str, Offer]:
    """(plugin, object) of one offer. Raises Temporary while a plugin is known to have it that is not loaded now (it is
    being loaded anew, is in quarantine, or runs in another process so far), Permanent when nobody is."""
    found = runtime.host.offered(key).get(name)
    if found is not None:
        return found
    plugin = runtime.host.keeper(key, name)
    if plugin is None:
        with runtime.db.reading() as session:
            plugin = keeper_elsewhere(session, key, name, now=runtime.clock())
    word = KINDS[key].word
    if plugin is None:
        raise Permanent(f"no loaded plugin offers the {word} {name}")
    raise Temporary(f"plugin {plugin}, which has the {word} {name}, is not loaded now")


def call_offer(runtime: Context, plugin: str, function: Callable[..., T], *args: Any) -> tuple[T, Callable[[str], str]]:
    """Call `function(context of the plugin, *args)`: what it gives, and what takes the plugin's secrets out of a text.
    Raises Permanent when it will never work, Temporary when a further try makes sense, in the plugin's own words and
    without its secrets."""
    part = runtime.host.part(plugin)
    ctx = plugin_context(runtime, plugin)
    if runtime.host.part(plugin) is not part:
        # Its settings are known by what it declares: those of one that just went were none.
        raise Temporary(f"plugin {plugin} is not loaded now")
    try:
        return runtime.host.guard.call(plugin, function, ctx, *args, limit=CALL), getattr(ctx.log, "masked", str)
    except PluginFailed as error:
        raise meaning(error, ctx) from error
    except Permanent:
        raise
    except VocError as error:
        raise Temporary(str(error)) from error


def meaning(error: PluginFailed, ctx: PluginContext | None = None) -> VocError:
    """What a failure means: Undeliverable is for ever, all else is tried again."""
    cause = error.__cause__
    if isinstance(cause, Undeliverable):
        return Permanent(words(error, ctx))
    return Temporary(words(error, ctx), after=cause.after if isinstance(cause, TryLater) else None)


def words(error: PluginFailed, ctx: PluginContext | None = None) -> str:
    """The plugin's own words, for people; its secrets are masked where it forgot itself."""
    cause = error.__cause__
    text = str(cause) if cause is not None and str(cause) else error.reason
    masked = getattr(ctx.log, "masked", None) if ctx is not None else None
    return shorten(storable(masked(text) if masked else text), LONGEST_REASON)
