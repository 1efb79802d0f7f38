"""Statements about promises and about the answers that keep them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, exists, or_, select

from voc.core.vocabulary import CaseState, MessageState, ObligationState, Stance
from voc.db.types import word
from voc.model import Case, Feedback, Message, Obligation, RuleMatch, RuleVersion
from voc.pipeline.verify.arrival.queries import blank
from voc.pipeline.verify.check import Scope, check

_OPEN = Obligation.state == word(ObligationState.OPEN)


@check("detractor.unpromised", "I4")
def detractor_unpromised(scope: Scope) -> Select[Any]:
    """Somebody who is unhappy was promised no answer. While `voc serve` runs the reconciler opens a case within ten
    minutes; start it."""
    promised = exists().where(Obligation.feedback_id == Feedback.id)
    return select(Feedback.id).where(Feedback.stance == Stance.DETRACTOR, ~promised, scope.of(Feedback.id))


@check("obligation.unsent", "I4")
def obligation_unsent(scope: Scope) -> Select[Any]:
    """A promise counts as kept, but no answer that was really sent on the same case after the feedback came in stands
    behind it. Answer the customer on the case."""
    return (
        select(Obligation.id)
        .outerjoin(Message, Message.id == Obligation.message_id)
        .outerjoin(Feedback, Feedback.id == Obligation.feedback_id)
        .where(
            Obligation.state == ObligationState.MET,
            or_(
                Message.id.is_(None),
                Message.state != MessageState.SENT,
                Message.sent_at.is_(None),
                Message.case_id.is_distinct_from(Obligation.case_id),
                Message.created_at < Feedback.received_at,
            ),
            scope.of(Obligation.id),
        )
    )


@check("obligation.met_at", "I4")
def obligation_met_at(scope: Scope) -> Select[Any]:
    """A promise is kept at another moment than its answer was sent."""
    return (
        select(Obligation.id)
        .join(Message, Message.id == Obligation.message_id)
        .where(
            Obligation.state == ObligationState.MET,
            Obligation.met_at.is_distinct_from(Message.sent_at),
            scope.of(Obligation.id),
        )
    )


@check("obligation.unseen", "I4")
def obligation_unseen(scope: Scope) -> Select[Any]:
    """Somebody waits for an answer where nobody looks: the promise has no case, or its case is resolved. Reopen the
    case and answer."""
    return (
        select(Obligation.id)
        .outerjoin(Case, Case.id == Obligation.case_id)
        .where(_OPEN, or_(Case.id.is_(None), Case.state == CaseState.RESOLVED))
    )


@check("obligation.unexplained", "I4")
def obligation_unexplained(scope: Scope) -> Select[Any]:
    """A promise was waived and it is not on record when or why. Answer the customer."""
    return select(Obligation.id).where(
        Obligation.state == ObligationState.WAIVED,
        or_(Obligation.waived_at.is_(None), blank(Obligation.waive_reason)),
        scope.of(Obligation.id),
    )


@check("obligation.two_states", "I4")
def obligation_two_states(scope: Scope) -> Select[Any]:
    """A promise is open and at the same time shows how it ended. Answer the customer."""
    met = or_(Obligation.met_at.is_not(None), Obligation.message_id.is_not(None))
    waived = or_(
        Obligation.waived_at.is_not(None),
        Obligation.waived_by.is_not(None),
        Obligation.waive_reason.is_not(None),
        Obligation.waived_rule_id.is_not(None),
    )
    return select(Obligation.id).where(
        or_(
            and_(_OPEN, or_(met, waived)),
            and_(Obligation.state == ObligationState.MET, waived),
            and_(Obligation.state == ObligationState.WAIVED, met),
        ),
        scope.of(Obligation.id),
    )


@check("obligation.case", "I4")
def obligation_case(scope: Scope) -> Select[Any]:
    """A promise belongs to another case than its feedback: the answer would miss somebody."""
    return (
        select(Obligation.id)
        .join(Feedback, Feedback.id == Obligation.feedback_id)
        .where(Feedback.case_id.is_distinct_from(Obligation.case_id), scope.of(Obligation.id))
    )


@check("obligation.not_owed", "I4")
def obligation_not_owed(scope: Scope) -> Select[Any]:
    """A promise is open to somebody who is no detractor any more, and no rule gave it. Correct the stance or waive the
    promise."""
    return (
        select(Obligation.id)
        .join(Feedback, Feedback.id == Obligation.feedback_id)
        .where(
            _OPEN,
            Feedback.stance.is_distinct_from(Stance.DETRACTOR),
            Obligation.promised_rule_id.is_(None),
            scope.of(Obligation.id),
        )
    )


@check("obligation.unruled", "I4")
def obligation_unruled(scope: Scope) -> Select[Any]:
    """A promise was given or waived in the name of a rule, and it is not on record that this rule said so of the
    feedback; or one without a case was waived by nobody. Answer the customer."""
    nobody = and_(
        Obligation.state == ObligationState.WAIVED, Obligation.case_id.is_(None), Obligation.waived_rule_id.is_(None)
    )
    return select(Obligation.id).where(
        or_(
            nobody,
            and_(Obligation.promised_rule_id.is_not(None), ~_said(Obligation.promised_rule_id, "start_clock")),
            and_(Obligation.waived_rule_id.is_not(None), ~_said(Obligation.waived_rule_id, "waive")),
        ),
        scope.of(Obligation.id),
    )


def _said(version: Any, action: str) -> Any:
    """That this version has the action, and acted on the feedback."""
    return exists().where(
        RuleMatch.feedback_id == Obligation.feedback_id,
        RuleMatch.rule_version_id == version,
        RuleVersion.id == version,
        RuleVersion.actions[action].as_boolean(),
    )


@check("detractor.let_go", "I4", quick=False)
def detractor_let_go(scope: Scope) -> Select[Any]:
    """A feedback is a detractor's, and its promise was waived because somebody corrected it to another stance. Correct
    the stance again, then the promise opens."""
    return (
        select(Obligation.id)
        .join(Feedback, Feedback.id == Obligation.feedback_id)
        .where(
            Obligation.state == ObligationState.WAIVED,
            Obligation.waive_reason.startswith("corrected to "),
            Feedback.stance == Stance.DETRACTOR,
            scope.of(Obligation.id),
        )
    )


CHECKS = (
    detractor_unpromised,
    obligation_unsent,
    obligation_met_at,
    obligation_unseen,
    obligation_unexplained,
    obligation_two_states,
    obligation_case,
    obligation_not_owed,
    obligation_unruled,
    detractor_let_go,
)
