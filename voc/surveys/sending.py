"""Mailing an invitation: ask the contact policy → mark *sending* (committed) → talk to the server → mark what became.

If the process dies between the server's 250 and the mark, the mail goes a second time under the same Message-ID: the
alternative would be somebody who was never asked. The policy is asked again before that, too.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.sla import sla_of
from voc.core.clock import Clock
from voc.core.errors import NotFound, Permanent, Temporary
from voc.core.settings import Settings
from voc.core.vocabulary import LANGUAGES
from voc.db import Database
from voc.delivery.asking import asking_mail
from voc.delivery.compose import sender_of
from voc.delivery.memory import memory_of
from voc.delivery.outcome import NOT_CONFIGURED, Failed, Outcome, Sent, Settled
from voc.jobs import Item
from voc.jobs.retry import Retry
from voc.model import Invitation
from voc.net.smtp import SmtpServer, Unreachable
from voc.security.keys import Keys
from voc.surveys import letter, moves, queries
from voc.surveys.feed import feed
from voc.surveys.letter import Letter
from voc.surveys.policy import CLOSED, NO_FORM, Facts, Go, Over, Refuse, Rules, Wait, decide, rules_of
from voc.surveys.question import survey_of
from voc.surveys.states import OPEN
from voc.surveys.token import token_of

log = logging.getLogger(__name__)

SEND_RETRY = Retry(attempts=30, first=timedelta(seconds=30), longest=timedelta(hours=1))
# How long an invitation waits for something a person has to do: sender address, form, survey switched on.
PATIENCE = timedelta(minutes=15)
SOON = timedelta(seconds=2)


class Context(Protocol):
    """What sending needs of the runtime."""

    settings: Settings
    db: Database
    clock: Clock
    keys: Keys


@dataclass(frozen=True, slots=True)
class Ready:
    """An invitation that may go, marked *sending*, with its mail."""

    recipient: str
    mail: bytes


def send_invitations(runtime: Context, items: Sequence[Item]) -> list[Outcome]:
    """Mail each invitation or reminder. Raises Temporary while a further try makes sense."""
    return [_send(runtime, item) for item in items]


def _send(runtime: Context, item: Item) -> Outcome:
    if taken_at := memory_of(runtime.db).taken_at(item.id):
        return Sent(taken_at)
    try:
        memory_of(runtime.db).require_server(runtime.clock())
        with runtime.db.writing(patience=30) as session:
            ready = _begin(session, runtime, item.subject)
        if ready is None:
            return Settled()
        return Sent(_hand_over(runtime, item.id, ready))
    except Permanent as error:
        return Failed(str(error))
    except Temporary as error:
        if item.attempts >= SEND_RETRY.attempts:
            return Failed(str(error))
        with runtime.db.writing(patience=30) as session:
            if invitation := queries.by_id_for_update(session, item.subject):
                moves.put_off(invitation, reason=str(error), next_at=None)
        raise


def _begin(session: Session, runtime: Context, invitation_id: UUID) -> Ready | None:
    """Let the policy decide, with every invitation of this person held; None when no mail goes now."""
    now = runtime.clock()
    asked = queries.asked(session, invitation_id)
    if asked is None:
        raise NotFound("this invitation is gone")
    theirs = queries.of_person_for_update(session, asked.address_hash)
    invitation = next(it for it in theirs if it.id == invitation_id)
    if invitation.state not in OPEN:
        return None
    house = queries.sender(session)
    rules = rules_of(runtime.settings, zone=house.zone, house=sla_of(session, house.sla_version_id).calendar)
    others = [it.asked_at for it in theirs if it.id != invitation_id and it.asked_at is not None]
    unsubscribed = bool(queries.suppressed(session, [asked.address_hash]))
    facts = Facts(unsubscribed, max(others, default=None), invitation.mails, invitation.expires_at)
    verdict = decide(rules, facts, now)
    if isinstance(verdict, Go):
        return _compose(runtime, invitation, asked, house, now)
    if isinstance(verdict, Wait):
        moves.put_off(invitation, reason=invitation.reason, next_at=verdict.until)
    elif isinstance(verdict, Refuse):
        moves.refuse(invitation, reason=verdict.reason)
    elif isinstance(verdict, Over):
        moves.expire(invitation)
    return None


def _compose(
    runtime: Context, invitation: Invitation, asked: queries.Asked, house: queries.Sender, now: datetime
) -> Ready | None:
    """Mark it *sending* and write its mail; what only waits for a person is put off."""
    settings, survey = runtime.settings, survey_of(asked.form)
    missing = "" if settings.mail_from.strip() else NOT_CONFIGURED
    missing = missing or ("" if survey else NO_FORM) or ("" if asked.active else CLOSED)
    if missing or survey is None:
        # A survey that was made a moment ago: the worker is about to compute its question.
        soon = missing == NO_FORM and now - invitation.created_at < PATIENCE
        moves.put_off(invitation, reason=missing, next_at=now + (SOON if soon else PATIENCE))
        return None
    language = survey.language(invitation.language)
    token = token_of(runtime.keys, invitation.id)
    written = Letter(
        survey=survey,
        language=language if language in LANGUAGES else "en",
        company=house.name,
        name=invitation.name,
        about=invitation.facts.get("about"),
        link=settings.public(f"/s/{token}"),
        unsubscribe=settings.public(f"/u/{token}"),
        expires_at=invitation.expires_at,
        zone=house.zone,
        reminder=invitation.mails > 0,
    )
    mail = asking_mail(
        mail_from=settings.mail_from,
        name=invitation.name or "",
        recipient=invitation.email,
        subject=letter.subject(written),
        text=letter.text(written),
        html=letter.html(written),
        own_id=message_id(invitation.id, invitation.mails, invitation.domain),
        unsubscribe=written.unsubscribe,
        now=now,
    )
    return Ready(invitation.email, mail) if moves.begin(invitation, now=now) else None


def message_id(invitation_id: UUID, mails: int, domain: str) -> str:
    """The Message-ID of the mail after `mails` others, the same for every try."""
    number = f".{mails}" if mails else ""
    return f"<{invitation_id.hex}{number}@{domain}>"


def _hand_over(runtime: Context, key: UUID, ready: Ready) -> datetime:
    memory, settings = memory_of(runtime.db), runtime.settings
    try:
        SmtpServer.of(settings).send(ready.mail, sender=sender_of(settings.mail_from), recipient=ready.recipient)
    except Unreachable as error:
        memory.server_down(error, runtime.clock())
        raise
    at = runtime.clock()
    memory.taken(key, at)
    return at


def mark_invitations(session: Session, runtime: Context, pairs: Sequence[tuple[Item, Outcome]]) -> None:
    """Write what became of each try, in the transaction that ends the work, and let the next ones come."""
    rules = house_rules(session, runtime.settings)
    for item, outcome in pairs:
        invitation = queries.by_id_for_update(session, item.subject)
        if invitation is None:
            continue
        if isinstance(outcome, Sent):
            moves.taken(invitation, at=outcome.at, rules=rules)
        elif isinstance(outcome, Failed):
            log.warning("invitation failed", extra={"invitation_id": str(item.subject), "reason": outcome.reason})
            moves.give_up(invitation, reason=outcome.reason)
    session.flush()
    feed(session, now=runtime.clock())


def house_rules(session: Session, settings: Settings) -> Rules:
    """The contact policy of this house."""
    house = queries.sender(session)
    return rules_of(settings, zone=house.zone, house=sla_of(session, house.sla_version_id).calendar)
