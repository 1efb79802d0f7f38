"""Statements about who answers for what, what was told about missed deadlines, and what was said to customers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from voc.core.vocabulary import CaseState, ClockKind, MessageState, Via
from voc.db.types import word
from voc.model import Case, CaseEvent, ContactPoint, Counter, Escalation, Feedback, Judgement, Message, Obligation
from voc.pipeline.verify.arrival.queries import blank
from voc.pipeline.verify.check import Scope, check

_OPEN = Case.state == word(CaseState.OPEN)
_UNDECIDED = Judgement.decided_at.is_(None)


@check("case.no_deadline", "I5")
def case_no_deadline(scope: Scope) -> Select[Any]:
    """An open case has no next deadline: it never becomes due. Set its priority again."""
    return select(Case.id).where(_OPEN, Case.next_due_at.is_(None))


@check("case.untold", "I5")
def case_untold(scope: Scope) -> Select[Any]:
    """A deadline of a case has passed and nobody was told. While `voc serve` runs this takes a minute; start it."""
    fresh = or_(
        exists().where(CaseEvent.case_id == Case.id, CaseEvent.at >= scope.grace),
        exists().where(Obligation.case_id == Case.id, Obligation.created_at >= scope.grace),
    )
    return select(Case.id).where(
        _OPEN,
        Case.next_due_at < scope.grace,
        or_(
            _untold(scope, ClockKind.FIRST_RESPONSE, Case.response_due_at),
            _untold(scope, ClockKind.RESOLUTION, Case.resolution_due_at),
        ),
        ~fresh,
    )


def _untold(scope: Scope, clock: ClockKind, due_at: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    told = exists().where(Escalation.subject_id == Case.id, Escalation.clock == clock, Escalation.due_at == due_at)
    return and_(due_at < scope.grace, ~told)


@check("judgement.untold", "I5")
def judgement_untold(scope: Scope) -> Select[Any]:
    """A feedback waits to be judged past its deadline and nobody was told. While `voc serve` runs this happens within
    a minute; start it."""
    return select(Judgement.feedback_id).where(
        _UNDECIDED,
        Judgement.due_at < scope.grace,
        Judgement.created_at < scope.grace,
        or_(Judgement.escalated_at.is_(None), ~_judgement_told()),
    )


@check("judgement.escalated_at", "I5")
def judgement_escalated_at(scope: Scope) -> Select[Any]:
    """A judgement is shown as escalated without an escalation on record, or the reverse."""
    told = (
        select(func.max(Escalation.created_at))
        .where(Escalation.subject_id == Judgement.feedback_id, Escalation.clock == ClockKind.JUDGEMENT)
        .scalar_subquery()
    )
    return select(Judgement.feedback_id).where(
        Judgement.escalated_at.is_distinct_from(told), scope.of(Judgement.feedback_id)
    )


def _judgement_told() -> ColumnElement[bool]:
    return exists().where(
        Escalation.subject_id == Judgement.feedback_id,
        Escalation.clock == ClockKind.JUDGEMENT,
        Escalation.due_at == Judgement.due_at,
    )


@check("escalation.nobody", "I5")
def escalation_nobody(scope: Scope) -> Select[Any]:
    """A missed deadline is on record as told, but to nobody. Give the team a lead."""
    return select(Escalation.id).where(Escalation.told_id.is_(None), scope.of(Escalation.id))


@check("escalation.subject", "I5")
def escalation_subject(scope: Scope) -> Select[Any]:
    """An escalation does not say which case or feedback it is about."""
    asked = exists().where(Judgement.feedback_id == Escalation.subject_id)
    of_judgement = Escalation.clock == ClockKind.JUDGEMENT
    return select(Escalation.id).where(
        or_(
            and_(of_judgement, or_(Escalation.case_id.is_not(None), ~asked)),
            and_(~of_judgement, Escalation.case_id.is_distinct_from(Escalation.subject_id)),
        ),
        scope.of(Escalation.id),
    )


@check("case.counter", "I5")
def case_counter(scope: Scope) -> Select[Any]:
    """The counter of case numbers is behind: the next case cannot be opened. Raise its value."""
    given = select(Counter.value).where(Counter.name == "case").scalar_subquery()
    return select(Case.id).where(Case.number > func.coalesce(given, 0))


@check("message.sent_at", "I7")
def message_sent_at(scope: Scope) -> Select[Any]:
    """An answer is shown as sent and not when, or has a moment of sending and was not sent."""
    left = or_(Message.state == MessageState.SENT, Message.bounced_at.is_not(None))
    return select(Message.id).where(left != Message.sent_at.is_not(None), scope.of(Message.id))


@check("message.bounced", "I7")
def message_bounced(scope: Scope) -> Select[Any]:
    """An answer came back and does not count as failed. Answer the customer once more."""
    return select(Message.id).where(
        Message.bounced_at.is_not(None), Message.state != MessageState.FAILED, scope.of(Message.id)
    )


@check("message.fate", "I7")
def message_fate(scope: Scope) -> Select[Any]:
    """An answer is shown as delivered that nobody tried to send, or as read and not delivered. Answer the customer once
    more when in doubt."""
    return select(Message.id).where(
        or_(
            and_(Message.read_at.is_not(None), Message.delivered_at.is_(None)),
            and_(Message.delivered_at.is_not(None), Message.attempts == 0),
        ),
        scope.of(Message.id),
    )


@check("message.version", "I7")
def message_version(scope: Scope) -> Select[Any]:
    """Two answers were given to the same state of a case, or to one that never was."""
    other = aliased(Message)
    twin = exists().where(
        other.case_id == Message.case_id, other.case_version == Message.case_version, other.id != Message.id
    )
    return (
        select(Message.id)
        .join(Case, Case.id == Message.case_id)
        .where(or_(Message.case_version >= Case.version, Message.case_version < 1, twin), scope.of(Message.id))
    )


@check("message.recipient", "I7")
def message_recipient(scope: Scope) -> Select[Any]:
    """An answer goes to an address that nobody on its case left."""
    left = (
        exists()
        .where(
            Feedback.case_id == Message.case_id,
            ContactPoint.id == Feedback.contact_point_id,
            ContactPoint.email == Message.recipient,
        )
        .correlate(Message)
    )
    mail = Message.via == Via.EMAIL
    here = Message.via == Via.STATUS_PAGE
    return select(Message.id).where(
        or_(
            and_(mail, or_(blank(Message.recipient), ~left)),
            and_(here, Message.recipient.is_not(None)),
            (Message.via == Via.CHANNEL) != Message.channel_id.is_not(None),
        ),
        scope.of(Message.id),
    )


CHECKS = (
    case_no_deadline,
    case_untold,
    judgement_untold,
    judgement_escalated_at,
    escalation_nobody,
    escalation_subject,
    case_counter,
    message_sent_at,
    message_bounced,
    message_fate,
    message_version,
    message_recipient,
)
