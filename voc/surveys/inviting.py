"""Inviting people: everybody on a list becomes an invitation; the contact policy decides when its mail is to go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import InvitationState
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.delivery.compose import domain_of
from voc.model import Invitation
from voc.security.access import SYSTEM, Actor, require
from voc.security.keys import Keys
from voc.surveys import queries
from voc.surveys.address import address_hash
from voc.surveys.feed import feed
from voc.surveys.people import Person
from voc.surveys.policy import Facts, Refuse, decide
from voc.surveys.question import survey_of
from voc.surveys.sending import house_rules

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What the contact policy says now: how many may be asked, and whom it refuses, each with the reason."""

    may: int
    refused: tuple[tuple[Person, str], ...]

    def by_reason(self) -> dict[str, int]:
        """How many are refused for which reason (without its day)."""
        return dict(Counter(reason.partition(": ")[0] for _, reason in self.refused))


def preview(session: Session, keys: Keys, settings: Settings, *, people: Sequence[Person], now: datetime) -> Preview:
    """Whom the policy would refuse if the mails were to go now; it is asked again when they do."""
    rules, expires = house_rules(session, settings), now + timedelta(days=settings.survey_expiry_days)
    refused: list[tuple[Person, str]] = []
    for chunk in _chunks(people):
        hashes = {person.email: address_hash(keys, person.email) for person in chunk}
        unsubscribed = queries.suppressed(session, list(hashes.values()))
        asked = queries.last_asked(session, list(hashes.values()))
        for person in chunk:
            known = hashes[person.email]
            verdict = decide(rules, Facts(known in unsubscribed, asked.get(known), 0, expires), now)
            if isinstance(verdict, Refuse):
                refused.append((person, verdict.reason))
    return Preview(len(people) - len(refused), tuple(refused))


def invite(
    session: Session,
    keys: Keys,
    settings: Settings,
    *,
    channel_id: UUID,
    people: Sequence[Person],
    now: datetime,
    actor: Actor = SYSTEM,
    batch_id: UUID | None = None,
) -> int:
    """Plan one invitation for each of `people` (each address once) and return how many.

    `batch_id` names the list: the same one again plans nothing. Raises NotFound for a channel that is no survey.
    """
    require(actor, "survey.invite")
    channel = queries.survey_for_update(session, channel_id)
    batch = batch_id or new_id()
    if not people or queries.batch_exists(session, batch):
        return 0
    survey = survey_of(channel.form)
    spoken = survey.form.languages if survey else tuple(channel.options.get("languages") or ())
    house = settings.language if settings.language in spoken or not spoken else spoken[0]
    common = {
        "channel_id": channel_id,
        "batch_id": batch,
        "invited_by": actor.user_id,
        "domain": domain_of(settings.mail_from),
        "state": InvitationState.PLANNED,
        "created_at": now,
        "expires_at": now + timedelta(days=settings.survey_expiry_days),
        "next_at": now,
    }
    for chunk in _chunks(people):
        rows = [
            {**_EMPTY, **common, **_row(keys, person, person.language if person.language in spoken else house)}
            for person in chunk
        ]
        bulk_insert(session.connection(), table_of(Invitation), rows)
    feed(session, now=now)
    audit(session, actor_id=actor.user_id, action="survey.invited", subject_id=channel_id, now=now, people=len(people))
    return len(people)


def _row(keys: Keys, person: Person, language: str | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "email": person.email,
        "name": person.name,
        "external_id": person.external_id,
        "facts": dict(person.facts),
        "address_hash": address_hash(keys, person.email),
        "language": language,
    }


_EMPTY: dict[str, Any] = {
    "reason": None,
    "mails": 0,
    "asked_at": None,
    "begun_at": None,
    "sent_at": None,
    "last_sent_at": None,
    "answered_at": None,
    "receipt_id": None,
}


def _chunks(people: Sequence[Person]) -> Iterator[Sequence[Person]]:
    for start in range(0, len(people), _CHUNK):
        yield people[start : start + _CHUNK]
