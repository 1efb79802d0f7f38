"""Inviting in the demo's past: planned by the service, mailed by nobody. Each invitation is written complete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.settings import Settings
from voc.model import Work
from voc.runtime.demo import queries
from voc.runtime.demo.asking import Asking
from voc.runtime.demo.data import Demo
from voc.security.keys import Keys
from voc.surveys import moves
from voc.surveys.inviting import invite
from voc.surveys.leaving import leave
from voc.surveys.people import Person
from voc.surveys.policy import Rules
from voc.surveys.queries import SEND_KIND
from voc.surveys.sending import house_rules

TAKEN_AFTER = timedelta(seconds=20)
LEFT_AFTER = timedelta(hours=3)


def ask(
    session: Session,
    keys: Keys,
    settings: Settings,
    asking: Asking,
    *,
    demo: Demo,
    channels: Mapping[str, UUID],
    started_at: datetime,
) -> None:
    """Write one invitation and what became of it, without an answer; twice is once. Its work is taken away in this
    transaction: mail of the demo never leaves the house, and no reminder goes later."""
    if not invite(
        session,
        keys,
        settings,
        channel_id=channels[asking.survey],
        people=[_person(asking, demo)],
        now=asking.at,
        batch_id=asking.batch_id,
    ):
        return
    invitation = queries.invitation_of(session, asking.batch_id)
    session.execute(
        delete(Work)
        .where(Work.kind == SEND_KIND, Work.subject_id == invitation.id)
        .execution_options(synchronize_session=False)
    )
    invitation.next_at = None
    if asking.fate == "refused":
        moves.refuse(invitation, reason=asking.reason)
        return
    moves.begin(invitation, now=asking.at)
    if asking.fate == "failed":
        moves.give_up(invitation, reason=asking.reason)
        return
    moves.taken(invitation, at=asking.at + TAKEN_AFTER, rules=_no_reminders(house_rules(session, settings)))
    if asking.fate != "answered" and invitation.expires_at <= started_at:
        moves.expire(invitation)
    session.flush()
    if asking.fate == "left":
        leave(session, invitation.id, now=asking.at + LEFT_AFTER)


def _no_reminders(rules: Rules) -> Rules:
    return Rules(rules.pause, (), rules.hours)


def _person(asking: Asking, demo: Demo) -> Person:
    customer, voice = asking.customer, asking.voice
    facts = {name: str(value) for name, value in voice.facts.items()} if voice else {}
    if unit := demo.unit_name(voice.unit if voice else customer.unit):
        facts["unit"] = unit
    return Person(
        email=(voice.email if voice else None) or customer.identities["email"],
        name=customer.name,
        language=voice.language if voice else customer.language,
        external_id=customer.identities.get("external_id"),
        facts=facts,
    )
