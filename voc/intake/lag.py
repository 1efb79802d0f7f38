"""How far behind a channel is, and whether anything is known of it: pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta

from voc.intake.fetch import pause_of, polled
from voc.model import Channel

# A channel may miss its turn a few times before that is worth a word.
MISSED = 5
LEAST = timedelta(minutes=5)


def lag(channel: Channel, now: datetime) -> timedelta | None:
    """Since when nothing was fetched; None for what never was. Never negative, also when clocks differ."""
    return max(now - channel.fetched_at, timedelta()) if channel.fetched_at is not None else None


def is_new(channel: Channel) -> bool:
    """Whether nobody knows yet how it stands: it was not tested, its form was not made, nothing was fetched and nothing
    arrived. The API is ours and needs no look."""
    heard = (channel.tested_at, channel.form, channel.fetched_at, channel.arrived_at)
    return channel.kind != "api" and channel.health == "ok" and all(fact is None for fact in heard)


def is_late(channel: Channel, now: datetime) -> bool:
    """Whether a channel that fetches should have been looked at long ago: the worker is not running, or is behind.

    Where looking went wrong, that is what there is to say; what only takes what is brought is never late.
    """
    if not channel.active or channel.failures or not polled(channel.options):
        return False
    return now - (channel.fetched_at or channel.created_at) > max(MISSED * pause_of(channel), LEAST)


def short(length: timedelta) -> str:
    """A length of time in one unit, for a column: `42s`, `7m`, `3h`, `9d`."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, factor in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= factor:
            return f"{seconds // factor}{unit}"
    return f"{seconds}s"
