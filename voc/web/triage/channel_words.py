"""How a channel stands, in words: never by color alone, and never better than it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask_babel import lazy_gettext

from voc.core.vocabulary import Door, ReceiptState
from voc.intake.fetch import fetches
from voc.intake.lag import is_late
from voc.model import Channel
from voc.plugin_host import PluginHost

Tone = Literal["good", "warn", "bad", "line"]
# Channels of API tokens have no plugin: programs bring feedback that needs no reading.
API = "api"


@dataclass(frozen=True, slots=True)
class Standing:
    """A tone for the picture, a picture, and the word that says it without them."""

    tone: Tone
    icon: str
    word: Any


OFF = Standing("line", "wait", lazy_gettext("switched off"))
NO_PLUGIN = Standing("bad", "alert", lazy_gettext("its plugin is not loaded"))
FAILING = Standing("bad", "alert", lazy_gettext("does not work"))
WARNING = Standing("warn", "flag", lazy_gettext("needs a look"))
LATE = Standing("warn", "clock", lazy_gettext("is behind"))
FRESH = Standing("line", "wait", lazy_gettext("was not looked at yet"))
WORKS = Standing("good", "done", lazy_gettext("works"))
TESTED = {"ok": WORKS, "warning": WARNING, "failing": FAILING}

_STATES = {
    ReceiptState.STORED: lazy_gettext("waits to be read"),
    ReceiptState.READ: lazy_gettext("was read"),
    ReceiptState.ROBOT: lazy_gettext("came from a machine"),
    ReceiptState.IGNORED: lazy_gettext("is no feedback"),
    ReceiptState.NOTICE: lazy_gettext("speaks of something earlier"),
    ReceiptState.QUARANTINED: lazy_gettext("could not be read"),
}
_DOORS = {
    Door.API: lazy_gettext("by the API"),
    Door.FORM: lazy_gettext("by a form"),
    Door.FETCH: lazy_gettext("fetched"),
    Door.PUSH: lazy_gettext("pushed here"),
    Door.PIPE: lazy_gettext("handed in by the mail server"),
}


def standing(channel: Channel, host: PluginHost, now: datetime) -> Standing:
    """How the channel stands, the worst of it first."""
    if not channel.active:
        return OFF
    if channel.kind != API and host.channel(channel.kind) is None:
        return NO_PLUGIN
    if channel.health == "failing":
        return FAILING
    if channel.health == "warning":
        return WARNING
    if fetches(host, channel):
        if is_late(channel, now):
            return LATE
        if channel.fetched_at is None:
            return FRESH
    return WORKS


def receipt_word(state: ReceiptState) -> str:
    """What became of a receipt."""
    return str(_STATES[state])


def door_word(door: Door) -> str:
    """How it came in."""
    return str(_DOORS[door])
