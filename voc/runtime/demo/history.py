"""What people did in the demo's past: they judged, answered, noted, waived and gave out, each at its moment.

A few steps are one transaction of the real services with a `now` in the past. An answer is marked as sent in the very
transaction that writes it, and its work is taken away, like that of every notice: mail of the demo never leaves the
house.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.cases import queries as cases
from voc.cases.answer import answer, answer_bounced, answer_sent
from voc.cases.assign import assign
from voc.cases.escalate import escalate_due
from voc.cases.note import add_note
from voc.cases.resolve import resolve
from voc.cases.waive import waive
from voc.core.settings import Settings
from voc.core.vocabulary import CaseState, ObligationState, Stance, Via
from voc.delivery import states
from voc.delivery.fate import bounced
from voc.delivery.naming import remember
from voc.delivery.queries import SEND_KIND
from voc.delivery.queue import NOTICE_KIND
from voc.model import Case, Feedback, Message, Work
from voc.pipeline.correct import correct_stance
from voc.runtime.demo import queries
from voc.runtime.demo.mentions import status_id
from voc.runtime.demo.plan import Step
from voc.security import queries as people
from voc.security.access import Actor
from voc.security.keys import Keys

SENT_AFTER = timedelta(seconds=20)
# What the worker would do once more about an answer, and find done.
_OF_MESSAGES = (SEND_KIND, "cases.answered", "cases.answer_bounced")


@dataclass(frozen=True, slots=True)
class Past:
    """What the steps need: `heard` are ids of feedback by the key of the voice, `domain` is what Message-IDs end in."""

    keys: Keys
    settings: Settings
    domain: str
    heard: Mapping[str, UUID]


def take_steps(session: Session, past: Past, steps: Sequence[Step]) -> None:
    """Do these steps in the caller's transaction, in their order; whatever fell due in between is told first."""
    for step in steps:
        feedback_id = past.heard.get(step.key)
        if feedback_id is not None:
            feedback = session.get_one(Feedback, feedback_id)
            if step.kind == "look" and feedback.stance is not Stance.DETRACTOR:
                continue
            tell_until(session, past.settings, step.at)
            _take_step(session, past, step, feedback)


def tell_until(session: Session, settings: Settings, until: datetime) -> None:
    """Escalate, each at its own moment, what fell due by `until`; the leads knew of it then and get no mail now."""
    told = False
    while (due := queries.next_untold(session, until)) is not None and escalate_due(session, settings, due):
        told = True
        session.flush()
    if told:
        session.execute(
            delete(Work)
            .where(Work.kind == NOTICE_KIND, Work.due_at <= until)
            .execution_options(synchronize_session=False)
        )


def _take_step(session: Session, past: Past, step: Step, feedback: Feedback) -> None:
    actor = _actor(session, step.by)
    if actor is None:
        return
    if step.kind in ("judge", "look"):
        _judge(session, feedback, actor, Stance(step.text), step.at)
        return
    if feedback.case_id is None:
        # Nobody is answered without a case: who does it saw what the machine did not.
        _judge(session, feedback, actor, Stance.DETRACTOR, step.at)
    if feedback.case_id is None:
        return
    case = cases.case_for_update(session, feedback.case_id)
    if step.kind == "answer":
        _answer(session, past, step, case, actor)
    elif step.kind == "note":
        add_note(session, case.id, actor=actor, text=step.text, now=step.at)
    elif step.kind == "waive":
        _waive(session, step, case, actor, feedback.id)
    else:
        _take(session, step, case, actor)


def _actor(session: Session, email: str) -> Actor | None:
    user = people.user_by_email(session, email)
    return people.actor_of(session, user.id) if user is not None and user.active else None


def _judge(session: Session, feedback: Feedback, actor: Actor, stance: Stance, at: datetime) -> None:
    if feedback.stance is stance:
        return
    correct_stance(session, feedback.id, actor=actor, stance=stance, now=at)
    session.flush()
    session.refresh(feedback)
    if stance is not Stance.DETRACTOR and feedback.case_id is not None:
        _close_if_done(session, feedback.case_id, actor, at)


def _close_if_done(session: Session, case_id: UUID, actor: Actor, at: datetime) -> None:
    case = cases.case_for_update(session, case_id)
    if case.state is not CaseState.RESOLVED and not cases.open_obligations(session, case_id):
        resolve(session, case_id, actor=actor, version=case.version, now=at)


def _answer(session: Session, past: Past, step: Step, case: Case, actor: Actor) -> None:
    message_id = answer(
        session,
        case.id,
        actor=actor,
        text=step.text,
        version=case.version,
        now=step.at,
        domain=past.domain,
        resolve=step.resolve,
    )
    sent_at = step.at + SENT_AFTER
    states.succeed(session, message_id, at=sent_at, now=sent_at)
    message = cases.message_by_id(session, message_id)
    session.refresh(message)
    _name(session, past.keys, message, step.key)
    answer_sent(session, message, now=sent_at)
    _forget_work(session, message_id)


def _name(session: Session, keys: Keys, message: Message, key: str) -> None:
    """The ids by which the customer's next words may refer to it, as if it had gone through its channel."""
    kind = "email"
    if message.via is Via.STATUS_PAGE:
        return
    if message.via is Via.CHANNEL:
        kind = queries.kind_of(session, message.channel_id)
        message.external_id = message.header_id if kind == "email" else status_id(f"{key} {message.header_id}")
    names = [message.header_id, message.external_id]
    remember(session, keys, message_id=message.id, kind=kind, names=names)


def _forget_work(session: Session, message_id: UUID) -> None:
    session.execute(
        delete(Work)
        .where(Work.kind.in_(_OF_MESSAGES), Work.subject_id == message_id)
        .execution_options(synchronize_session=False)
    )


def came_back(session: Session, feedback_id: UUID, *, reason: str, at: datetime) -> None:
    """The newest answer to this feedback came back at `at`; the report itself finds that done."""
    message = queries.newest_answer(session, feedback_id, at)
    if message is not None and bounced(session, message.id, reason=reason, now=at):
        session.refresh(message)
        answer_bounced(session, message, now=at)
        _forget_work(session, message.id)


def _waive(session: Session, step: Step, case: Case, actor: Actor, feedback_id: UUID) -> None:
    obligation_id = queries.obligation_id(session, feedback_id)
    if obligation_id is None:
        return
    if cases.obligation_for_update(session, obligation_id).state is ObligationState.OPEN:
        waive(session, obligation_id, actor=actor, reason=step.text, now=step.at)
        _close_if_done(session, case.id, actor, step.at)


def _take(session: Session, step: Step, case: Case, actor: Actor) -> None:
    owner = people.user_by_email(session, step.text)
    if owner is not None and case.owner_id is None and case.state is not CaseState.RESOLVED:
        assign(session, case.id, actor=actor, owner_id=owner.id, version=case.version, now=step.at)
