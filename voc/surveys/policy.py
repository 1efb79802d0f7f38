"""The contact policy: whether a mail may go to this person now. Pure; asked again before every single try.

A refusal ends the asking: the invitation is kept with its reason. Quiet hours only put a mail off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from voc.core.calendar import Calendar, Span, next_opening
from voc.core.settings import Settings

# Why an invitation was refused; texts for people, the last one followed by `: ` and the day of the other invitation.
UNSUBSCRIBED = "this person does not want to be asked"
ENOUGH = "this person was reminded often enough"
RECENTLY = "this person was invited not long ago"
# Why a mail waits for a person to do something.
NO_FORM = "the survey has no question yet"
CLOSED = "the survey is switched off"


@dataclass(frozen=True, slots=True)
class Rules:
    """`pause` between two invitations to one person, `reminders` after the first mail, `hours` in which mails go."""

    pause: timedelta
    reminders: tuple[timedelta, ...]
    hours: Calendar


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the person and the invitation. `other_at`: when another one last began to be mailed to them."""

    unsubscribed: bool
    other_at: datetime | None
    mails: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Go:
    """It may be mailed now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not at this hour; think again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not at all; `reason` is for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Over:
    """The time for an answer has passed."""


Verdict = Go | Wait | Refuse | Over


def decide(rules: Rules, facts: Facts, now: datetime) -> Verdict:
    """Whether the next mail of an invitation may go at `now` (aware)."""
    if now >= facts.expires_at:
        return Over()
    if facts.unsubscribed:
        return Refuse(UNSUBSCRIBED)
    if facts.mails > len(rules.reminders):
        return Refuse(ENOUGH)
    if facts.mails == 0 and facts.other_at is not None and now < facts.other_at + rules.pause:
        # The day it was for the company; screens write it in the reader's language.
        return Refuse(f"{RECENTLY}: {facts.other_at.astimezone(ZoneInfo(rules.hours.zone)).date().isoformat()}")
    opening = next_opening(rules.hours, now)
    return Go() if opening <= now else Wait(opening)


def next_mail_at(rules: Rules, *, sent_at: datetime, mails: int, expires_at: datetime) -> datetime | None:
    """When the next reminder is due after `mails` mails, the first of them sent at `sent_at`; None when none is."""
    if not 1 <= mails <= len(rules.reminders):
        return None
    due = sent_at + rules.reminders[mails - 1]
    return due if due < expires_at else None


def rules_of(settings: Settings, *, zone: str, house: Calendar) -> Rules:
    """The rules of the settings, in the house's time zone and with the holidays of its calendar."""
    begin, end = settings.survey_hours.split("-")
    days = [part for part in settings.survey_reminder_days.split(",") if part.strip()]
    return Rules(
        pause=timedelta(days=settings.survey_pause_days),
        reminders=tuple(timedelta(days=int(day)) for day in days),
        hours=Calendar(
            zone,
            dict.fromkeys(range(7), (Span.parse(begin, end),)),
            house.country,
            house.subdivision,
            house.closed,
        ),
    )
