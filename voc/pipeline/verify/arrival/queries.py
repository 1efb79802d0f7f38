"""Statements about receipts, their feedback, their identity, and the work that must follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from voc.core.vocabulary import SCALES, Door, MessageState, Metric, ReceiptState, WorkState
from voc.db.types import word
from voc.delivery.queries import SEND_KIND
from voc.intake.jobs import READ_KIND
from voc.jobs.engine import LANES
from voc.model import DeliveryKey, Feedback, Message, Receipt, Work
from voc.pipeline.process import KIND
from voc.pipeline.verify.check import Scope, check

# Nothing is put off for longer than an hour, and no lease is longer than a few minutes.
LONGEST_WAIT = timedelta(hours=25)
LONGEST_LEASE = timedelta(hours=1)


def waiting_work(*kinds: str) -> Select[Any]:
    """What some work of these kinds is about."""
    return select(Work.subject_id).where(Work.kind.in_(kinds), Work.subject_id.is_not(None))


def blank(column: Any) -> ColumnElement[bool]:
    """Nothing stands there."""
    return or_(column.is_(None), column == "")


@check("receipt.unread", "I1")
def receipt_unread(scope: Scope) -> Select[Any]:
    """A receipt was accepted and nothing is going to read it. While `voc serve` runs the reconciler queues it again
    within ten minutes; start it."""
    return select(Receipt.id).where(
        Receipt.state == word(ReceiptState.STORED), Receipt.id.not_in(waiting_work(READ_KIND))
    )


@check("receipt.body_lost", "I1")
def receipt_body_lost(scope: Scope) -> Select[Any]:
    """The raw words of a receipt are gone before anybody could read them. Restore them from a backup."""
    unread = or_(Receipt.state == word(ReceiptState.STORED), Receipt.state == word(ReceiptState.QUARANTINED))
    return select(Receipt.id).where(unread, Receipt.body.is_(None), scope.of(Receipt.id))


@check("feedback.unprocessed", "I1")
def feedback_unprocessed(scope: Scope) -> Select[Any]:
    """A feedback waits to be understood and no work will do it. While `voc serve` runs the reconciler queues it again
    within ten minutes; start it."""
    return select(Feedback.id).where(Feedback.processed_at.is_(None), Feedback.id.not_in(waiting_work(KIND)))


@check("work.stuck", "I1")
def work_stuck(scope: Scope) -> Select[Any]:
    """A piece of work can never be taken: it has no worker and no end of lease, waits for a moment far away, or its
    lane does not exist. Set it back to state todo, due now."""
    doing = Work.state == word(WorkState.DOING)
    lost = or_(Work.worker.is_(None), Work.lease_until.is_(None), Work.lease_until > scope.now + LONGEST_LEASE)
    late = and_(Work.state == word(WorkState.TODO), Work.due_at > scope.now + LONGEST_WAIT)
    return select(Work.id).where(or_(and_(doing, lost), late, Work.lane.not_in(LANES)))


@check("feedback.doubled", "I2")
def feedback_doubled(scope: Scope) -> Select[Any]:
    """One delivery through the API gave several feedback. Remove those that are too many."""
    return (
        select(Feedback.receipt_id)
        .join(Receipt, Receipt.id == Feedback.receipt_id)
        .where(Receipt.door == Door.API, scope.of(Feedback.receipt_id))
        .group_by(Feedback.receipt_id)
        .having(func.count(Feedback.id) > 1)
    )


@check("receipt.doubled", "I2", quick=False)
def receipt_doubled(scope: Scope) -> Select[Any]:
    """The same delivery was accepted twice. Keep the older receipt and its feedback."""
    # Where others give the id, the same one with other content is another delivery; reading them tells.
    ours = Receipt.door.in_([Door.API, Door.FORM])
    same = (
        select(Receipt.channel_id, Receipt.door, Receipt.delivery_id)
        .where(Receipt.delivery_id.is_not(None), ours, scope.of(Receipt.id))
        .group_by(Receipt.channel_id, Receipt.door, Receipt.delivery_id)
        .having(func.count(Receipt.id) > 1)
        .subquery()
    )
    return select(Receipt.id).join(
        same,
        and_(
            same.c.channel_id == Receipt.channel_id,
            same.c.door == Receipt.door,
            same.c.delivery_id == Receipt.delivery_id,
        ),
    )


@check("feedback.unkeyed", "I2", quick=False)
def feedback_unkeyed(scope: Scope) -> Select[Any]:
    """A feedback that was read from its receipt has no key of its own: reading it again would count it twice. Restore
    the delivery key from a backup before replaying the receipt."""
    own = and_(
        DeliveryKey.feedback_id == Feedback.id,
        DeliveryKey.receipt_id == Feedback.receipt_id,
        DeliveryKey.content_hash == DeliveryKey.key,
    )
    return (
        select(Feedback.id)
        .join(Receipt, Receipt.id == Feedback.receipt_id)
        .outerjoin(DeliveryKey, own)
        .where(Receipt.door != Door.API, DeliveryKey.key.is_(None), scope.of(Feedback.id))
    )


@check("key.elsewhere", "I2", quick=False)
def key_elsewhere(scope: Scope) -> Select[Any]:
    """A delivery key names a feedback of another receipt. A repeat would give a wrong answer."""
    return (
        select(DeliveryKey.receipt_id)
        .join(Feedback, Feedback.id == DeliveryKey.feedback_id)
        .where(Feedback.receipt_id != DeliveryKey.receipt_id, scope.of(DeliveryKey.receipt_id))
    )


@check("feedback.channel", "I2")
def feedback_channel(scope: Scope) -> Select[Any]:
    """A feedback stands under another channel than the receipt it was read from."""
    return (
        select(Feedback.id)
        .join(Receipt, Receipt.id == Feedback.receipt_id)
        .where(Receipt.channel_id != Feedback.channel_id, scope.of(Feedback.id))
    )


@check("receipt.without_feedback", "I3")
def receipt_without_feedback(scope: Scope) -> Select[Any]:
    """A receipt counts as read and no feedback came of it. Set it to quarantined with a reason and read it again."""
    given = exists().where(Feedback.receipt_id == Receipt.id)
    return select(Receipt.id).where(Receipt.state == word(ReceiptState.READ), ~given, scope.of(Receipt.id))


@check("receipt.not_read", "I3")
def receipt_not_read(scope: Scope) -> Select[Any]:
    """A feedback came of a receipt that does not count as read. Set the receipt to read."""
    return (
        select(Feedback.id)
        .join(Receipt, Receipt.id == Feedback.receipt_id)
        .where(Receipt.state != ReceiptState.READ, scope.of(Feedback.id))
    )


@check("receipt.no_reason", "I3")
def receipt_no_reason(scope: Scope) -> Select[Any]:
    """A receipt was put aside (robot, ignored or quarantined) and nobody can see why. Read it again from quarantine."""
    aside = Receipt.state.in_([ReceiptState.ROBOT, ReceiptState.IGNORED, ReceiptState.QUARANTINED])
    return select(Receipt.id).where(aside, blank(Receipt.reason), scope.of(Receipt.id))


@check("receipt.no_code", "I3")
def receipt_no_code(scope: Scope) -> Select[Any]:
    """A receipt has no tracking code: the customer cannot look up what became of it."""
    return select(Receipt.id).where(blank(Receipt.tracking_code), scope.of(Receipt.id))


@check("work.no_reason", "I3")
def work_no_reason(scope: Scope) -> Select[Any]:
    """Work stands in quarantine and nobody can see why. Release it on the status page."""
    return select(Work.id).where(Work.state == word(WorkState.QUARANTINED), blank(Work.error))


@check("feedback.empty", "I3")
def feedback_empty(scope: Scope) -> Select[Any]:
    """A feedback says nothing: it has neither text nor score, and nobody took it back. Read its receipt again."""
    said = and_(blank(Feedback.text), Feedback.score.is_(None), Feedback.deleted_at.is_(None))
    return select(Feedback.id).where(said, scope.of(Feedback.id))


@check("feedback.score", "I3")
def feedback_score(scope: Scope) -> Select[Any]:
    """A score has no question, a question no score, or the score is not on its scale."""
    on_scale = [and_(Feedback.metric == metric, Feedback.score.between(*SCALES[metric])) for metric in Metric]
    unasked = and_(Feedback.metric.is_(None), Feedback.score.is_(None))
    # A missing score makes each comparison unknown, and unknown is not right.
    right = func.coalesce(or_(unasked, *on_scale), False)
    return select(Feedback.id).where(~right, scope.of(Feedback.id))


@check("message.idle", "I3")
def message_idle(scope: Scope) -> Select[Any]:
    """An answer is shown as on its way and nothing is going to send it. While `voc serve` runs it is shown as failed
    within five minutes; send it again from the case."""
    in_hand = Message.state.in_([MessageState.QUEUED, MessageState.SENDING])
    return select(Message.id).where(in_hand, Message.id.not_in(waiting_work(SEND_KIND)))


@check("message.no_error", "I3")
def message_no_error(scope: Scope) -> Select[Any]:
    """An answer failed and nobody can see why. Send it again from the case."""
    return select(Message.id).where(Message.state == MessageState.FAILED, blank(Message.error))


CHECKS = (
    receipt_unread,
    receipt_body_lost,
    feedback_unprocessed,
    work_stuck,
    feedback_doubled,
    receipt_doubled,
    feedback_unkeyed,
    key_elsewhere,
    feedback_channel,
    receipt_without_feedback,
    receipt_not_read,
    receipt_no_reason,
    receipt_no_code,
    work_no_reason,
    feedback_empty,
    feedback_score,
    message_idle,
    message_no_error,
)
