"""When things happened in the demo. Pure.

The files tell hours back from a Wednesday at noon in the house's zone, so that Mondays are Mondays and nobody answers
at night. A demo is started whenever somebody likes: the last two days are counted from that moment, everything older
than ten days lies on its own weekday and hour, and between the two one passes into the other without a gap.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Lima")
WEDNESDAY, NOON = 2, timedelta(hours=12)
WEEK = timedelta(days=7)
# Up to FRESH hours ago nothing is moved, from SETTLED hours ago everything is.
FRESH, SETTLED = 48.0, 240.0


def moment(started_at: datetime, hours_ago: float) -> datetime:
    """The moment `hours_ago` in the files, for a demo begun at `started_at`; later hours give later moments."""
    share = min(max((hours_ago - FRESH) / (SETTLED - FRESH), 0.0), 1.0)
    return started_at - timedelta(hours=hours_ago) - _off_beat(started_at) * share


def _off_beat(started_at: datetime) -> timedelta:
    """How long after the nearest Wednesday noon this is: at most half a week, negative before it."""
    local = started_at.astimezone(ZONE)
    time_of_day = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    after = (timedelta(days=local.weekday() - WEDNESDAY) + time_of_day - NOON) % WEEK
    return after - WEEK if after > WEEK / 2 else after
