"""What the demo consists of: the files of `aurora/` as plain objects. Pure; `reading` reads and checks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from voc.core.vocabulary import Metric, Stance
from voc.routing.stance import of_score
from voc.runtime.demo.moments import moment

PREFIX = "demo-"
DOORS = ("form", "survey", "email", "mastodon", "api")


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody the company knows. `identities`: address by kind (`IdentityKind`); `value`: what was bought in twelve
    months, in whole units of the house's currency; `unit`: where they mostly buy."""

    key: str
    name: str
    language: str
    unit: str
    segment: str
    value: int
    since_months: int
    preferred_channel: str
    identities: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Voice:
    """What somebody says at one of the doors, `hours_ago` before the demo was started (`moments` says when that is).

    `channel` is the public name of the form, survey, mailbox, account or kiosk. `name`, `email`, `phone`, `handle` and
    `external_id` are what that door tells of the author; `customer` says who it really is. Mail: `text` is what was
    newly written, `quoted` and `signature` stand below it, `reply_to` names the voice (or the answer to it) that this
    answers, `robot` is auto_reply, newsletter or bounce. Mentions: `public` has visibility, boosts, favourites and
    followers, `edited` a later `text` `after_hours`. `topics` and `stance` are what a person would say of it, not what
    any machine does; `stance` stands where no score says it, or where the score says less than the words.
    """

    key: str
    door: str
    channel: str
    language: str
    hours_ago: float
    text: str | None = None
    metric: str | None = None
    score: int | None = None
    customer: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    handle: str | None = None
    external_id: str | None = None
    unit: str | None = None
    consent: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    subject: str | None = None
    quoted: str | None = None
    signature: str | None = None
    reply_to: str | None = None
    robot: str | None = None
    public: Mapping[str, Any] | None = None
    edited: Mapping[str, Any] | None = None
    deleted_after_hours: float | None = None
    topics: tuple[str, ...] = ()
    stance: str | None = None

    @property
    def submission_id(self) -> str:
        """The fixed identity of this delivery: handed in twice it is accepted once."""
        return PREFIX + self.key

    def received_at(self, started_at: datetime) -> datetime:
        """When it came in."""
        return moment(started_at, self.hours_ago)

    def by_a_person(self) -> Stance | None:
        """The stance a person would see in it: as the file says, else of the score; None where nothing is said."""
        if self.stance is None and self.metric is not None and self.score is not None:
            return of_score(Metric(self.metric), self.score)
        return Stance(self.stance) if self.stance else None

    def values(self) -> dict[str, Any]:
        """What the form holds when it is sent; what was not filled in is absent."""
        fields: dict[str, Any] = {"text": self.text or None, "name": self.name, "email": self.email}
        fields |= {"phone": self.phone, "score": self.score, "consent": self.consent or None}
        if self.score is not None:
            fields["score.metric"] = self.metric
        return {name: value for name, value in fields.items() if value is not None}

    def body(self, started_at: datetime) -> str:
        """The whole mail text: what was written, the signature, and the quotation, whose `{date}` is the day before."""
        date = f"{self.received_at(started_at) - timedelta(days=1):%d/%m/%Y}"
        signature = f"-- \n{self.signature}" if self.signature else None
        quoted = self.quoted.replace("{date}", date) if self.quoted else None
        return "\n\n".join(part for part in (self.text, signature, quoted) if part)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that somebody gave `after_hours` after the voice `key`; a voice may have more than one."""

    key: str
    agent: str
    text: str
    after_hours: float
    resolve: bool


@dataclass(frozen=True, slots=True)
class NoteItem:
    """What somebody wrote to colleagues on the case of the voice `key`."""

    key: str
    by: str
    text: str
    after_hours: float


@dataclass(frozen=True, slots=True)
class Waiver:
    """A promise that somebody waived, and why."""

    key: str
    by: str
    reason: str
    after_hours: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said the stance of the voice `key` is."""

    key: str
    by: str
    stance: str
    after_hours: float


@dataclass(frozen=True, slots=True)
class Held:
    """How an unfinished case stands. `state` is owned, overdue or escalated (given to `owner` by `by`), or waiting (for
    `reason`, until `until_hours` after the voice)."""

    key: str
    state: str
    by: str
    after_hours: float
    owner: str | None = None
    reason: str | None = None
    until_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was done to put it right, with what it cost, and the voice that said how that was (`asked_again`)."""

    key: str
    kind: str
    by: str
    after_hours: float
    text: str
    amount: float | None = None
    currency: str | None = None
    asked_again: str | None = None


@dataclass(frozen=True, slots=True)
class Demo:
    """All of it. What is a mapping stands as in the file: `units` (a tree by `parent`), `segments`, `surveys`, …"""

    brand: Mapping[str, str]
    calendar: Mapping[str, Any]
    teams: tuple[Mapping[str, Any], ...]
    users: tuple[Mapping[str, Any], ...]
    units: tuple[Mapping[str, Any], ...]
    segments: tuple[Mapping[str, Any], ...]
    forms: tuple[Mapping[str, Any], ...]
    surveys: tuple[Mapping[str, Any], ...]
    mailboxes: tuple[Mapping[str, Any], ...]
    accounts: tuple[Mapping[str, Any], ...]
    kiosks: tuple[Mapping[str, Any], ...]
    customers: tuple[Customer, ...]
    voices: tuple[Voice, ...]
    replies: tuple[Reply, ...]
    notes: tuple[NoteItem, ...]
    waivers: tuple[Waiver, ...]
    verdicts: tuple[Verdict, ...]
    held: tuple[Held, ...]
    recoveries: tuple[Recovery, ...]
    rules: tuple[Mapping[str, Any], ...]

    @property
    def doors(self) -> list[str]:
        """The public names of all channels."""
        every = (*self.forms, *self.surveys, *self.mailboxes, *self.accounts, *self.kiosks)
        return sorted(item["slug"] for item in every)

    def unit_name(self, key: str | None) -> str | None:
        """What a unit is called."""
        return next((item["name"] for item in self.units if item["key"] == key), None)
