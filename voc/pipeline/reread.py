"""Words that changed after they were understood: understood again, judged again; no promise is taken back by that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.errors import Temporary
from voc.core.vocabulary import Stance
from voc.customers.identify import Who
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights.marks import touch
from voc.jobs import Item
from voc.model import Analysis, Feedback, Judgement, StanceDecision
from voc.pipeline import queries
from voc.pipeline.meaning.order import order_meaning
from voc.pipeline.process import (
    Context,
    Understanding,
    analysis_row,
    decision_row,
    routed,
    surroundings,
    understand,
)
from voc.routing.acting import open_cases
from voc.routing.deeds.withdrawing import forget_words
from voc.search.index import reindex
from voc.search.meaning.keep import take_out

KIND = "pipeline.reread"
# After these the first understanding is stuck itself, and will find the new words when it is released.
TRIES = 6


@dataclass(frozen=True, slots=True)
class Again:
    """A changed feedback, with what its words mean now; `result` None: they were taken back."""

    result: Understanding | None
    text: str | None


def understand_again(context: Context, items: Sequence[Item]) -> list[Again | None]:
    """Understand the new words, without writing; None for what is gone.

    Raises Temporary for what the pipeline has not been through yet: another process may just be about to write down
    what the old words meant.
    """
    return [_understood(context, item) for item in items]


def _understood(context: Context, item: Item) -> Again | None:
    with context.db.reading() as session:
        feedback = queries.feedback_as_it_stands(session, item.subject)
        taxonomy = queries.taxonomy(session)
        around = surroundings(session, [item.subject])
    if feedback is None or (feedback.processed_at is None and item.attempts >= TRIES):
        return None
    if feedback.processed_at is None:
        raise Temporary("it has not been understood for the first time yet")
    if feedback.deleted_at is not None:
        return Again(None, None)
    return Again(understand(context.host, feedback, taxonomy, around), feedback.text)


def settle_again(session: Session, context: Context, pairs: Sequence[tuple[Item, Again | None]]) -> None:
    """Write what follows. Words that changed once more meanwhile are left to the work that came with that change."""
    for item, again in pairs:
        if again is not None:
            _settle(session, context, item, again)


def _settle(session: Session, context: Context, item: Item, again: Again) -> None:
    feedback = queries.feedback_by_id(session, item.subject)
    now, connection = context.clock(), session.connection()
    if again.result is None:
        feedback.analysis_id = None
        session.flush()
        session.execute(delete(Analysis).where(Analysis.feedback_id == feedback.id))
        take_out(session, [feedback.id])
        forget_words(session, feedback.id)
    elif feedback.text == again.text and feedback.deleted_at is None:
        if again.result.analysis is not None:
            analysis = analysis_row(again.result, now)
            bulk_insert(connection, table_of(Analysis), [analysis])
            feedback.analysis_id = analysis["id"]
        else:
            feedback.analysis_id = None
        judge_again(session, context, feedback, again.result, now=now)
        session.flush()
        take_out(session, [feedback.id])
        order_meaning(session, context.settings, [feedback.id] if feedback.text else [], now=now)
    touch(session, [feedback.id], now=now)
    reindex(session, [feedback.id])


def _replaces(before: Stance | None, after: Stance) -> bool:
    """Whether new words change how a customer stands: who was promised an answer keeps it, and what could be told
    before stays told when the new words say nothing."""
    if before is Stance.UNKNOWN:
        return after is not Stance.UNKNOWN
    return before is not Stance.DETRACTOR and after is not Stance.UNKNOWN


def judge_again(
    session: Session,
    context: Context,
    feedback: Feedback,
    result: Understanding,
    *,
    now: datetime,
    since: datetime | None = None,
) -> None:
    """The new stance where it replaces the old one, unless a person said how the customer stands, and what it asks
    for: a promise for a detractor, nobody's judgement where it can be told. `since`: when its clock starts (None:
    when the words arrived)."""
    if not _replaces(feedback.stance, result.decision.stance) or queries.judged_by_person(session, feedback):
        return
    decision = decision_row(feedback.id, result.decision, now)
    bulk_insert(session.connection(), table_of(StanceDecision), [decision])
    feedback.stance_decision_id = decision["id"]
    feedback.stance, feedback.mixed = result.decision.stance, result.decision.mixed
    session.execute(delete(Judgement).where(Judgement.feedback_id == feedback.id, Judgement.decided_at.is_(None)))
    if result.decision.stance is Stance.DETRACTOR:
        item = routed(result, Who(feedback.customer_id, feedback.contact_point_id))
        item = replace(item, case_id=feedback.case_id, insisted=True, since=since or item.since)
        cases = open_cases(session, [item], sla_version_id=result.around.house.sla_version_id, now=now)
        feedback.case_id = cases.get(feedback.id, feedback.case_id)
