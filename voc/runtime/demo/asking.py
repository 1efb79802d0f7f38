"""Whom the demo's surveys asked, and what became of it. Pure.

Every answer had an invitation. The others went to customers who did not answer, or would have gone and were refused;
they are drawn from the customers' own keys, so that a demo of one day is the same whoever starts it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_OID, UUID, uuid5

from voc.net.smtp import Reason
from voc.runtime.demo.data import Customer, Demo, Voice
from voc.runtime.demo.moments import ZONE, moment
from voc.surveys.policy import RECENTLY, UNSUBSCRIBED

Fate = Literal["answered", "silent", "left", "refused", "failed"]

# Invitations go out in one go, every day at such a time, each survey's at its own.
_TIMES = (timedelta(hours=10, minutes=5), timedelta(hours=11, minutes=20), timedelta(hours=16, minutes=40))
_SOONEST = timedelta(minutes=12)
# How often somebody is thought of beside the answers, and how far back, in days.
_DRAWN, _DAYS = 7, 116
# Most of them after a delivery.
_WHICH = (0, 0, 1, 0, 2)
_GONE = f"{Reason.RECIPIENT_REFUSED.value}: 550 5.1.1 user unknown"


@dataclass(frozen=True, slots=True)
class Asking:
    """One invitation of `customer` by `survey`, mailed (or not) at `at`; `voice` is the answer, `reason` why not."""

    at: datetime
    survey: str
    customer: Customer
    fate: Fate
    voice: Voice | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """What tells it from every other one."""
        return self.voice.key if self.voice else f"{self.survey} {self.customer.key} {self.at.isoformat()}"

    @property
    def batch_id(self) -> UUID:
        """The list it stands on alone: planned twice it is planned once."""
        return uuid5(NAMESPACE_OID, f"demo {self.name}")


def askings(demo: Demo, started_at: datetime, *, pause: timedelta) -> list[Asking]:
    """Every invitation in the order of time. `pause`: how long nobody is asked a second time."""
    customers = {customer.key: customer for customer in demo.customers}
    slugs = [item["slug"] for item in demo.surveys]
    found = [_answered(voice, customers, slugs, started_at) for voice in demo.voices if voice.door == "survey"]
    asked: dict[str, list[datetime]] = {}
    for asking in found:
        asked.setdefault(asking.customer.key, []).append(asking.at)
    for customer in demo.customers:
        if "email" in customer.identities and slugs:
            found += _drawn(customer, slugs, asked.get(customer.key, []), started_at, pause)
    return sorted(found, key=lambda asking: (asking.at, asking.name))


def _answered(voice: Voice, customers: Mapping[str, Customer], slugs: list[str], started_at: datetime) -> Asking:
    at = _round(voice.received_at(started_at) - _SOONEST, slugs.index(voice.channel))
    return Asking(at, voice.channel, customers[voice.customer or ""], "answered", voice)


def _drawn(
    customer: Customer, slugs: list[str], known: list[datetime], started_at: datetime, pause: timedelta
) -> Iterator[Asking]:
    """Invitations without an answer; what would come too soon after another one is refused now and then."""
    marks = hashlib.sha256(customer.key.encode()).digest()
    gone = leaves = False
    for day, which, whim in sorted((_thought(marks, place) for place in range(_DRAWN)), reverse=True):
        survey = _WHICH[which % len(_WHICH)] % len(slugs)
        at = _round(moment(started_at, 24.0 * (1 + day)), survey)
        before = max((other for other in known if other <= at), default=None)
        if leaves:
            yield Asking(at, slugs[survey], customer, "refused", reason=UNSUBSCRIBED)
            return
        if gone or any(abs(other - at) < pause for other in known):
            if before is not None and at - before < pause and whim % 12 == 0:
                yield Asking(at, slugs[survey], customer, "refused", reason=f"{RECENTLY}: {before.date().isoformat()}")
            continue
        known = [*known, at]
        last = at == max(known)
        gone, leaves = last and whim % 17 == 0, last and whim % 13 == 0
        fate: Fate = "failed" if gone else "left" if leaves else "silent"
        yield Asking(at, slugs[survey], customer, fate, reason=_GONE if gone else "")


def _thought(marks: bytes, place: int) -> tuple[int, int, int]:
    """(how many days ago, which survey, a whim) of one time that a customer is thought of."""
    first, second, which, whim = marks[place * 4 : place * 4 + 4]
    return (first << 8 | second) % _DAYS, which, whim


def _round(before: datetime, survey: int) -> datetime:
    """The last time before this moment at which the survey's invitations go out."""
    local = before.astimezone(ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    today = midnight + _TIMES[survey % len(_TIMES)]
    return (today if today <= local else today - timedelta(days=1)).astimezone(before.tzinfo)
