"""Who it is, told afterwards: a survey's second page asks for an address when the score is stored and understood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from voc.cases import queries as cases
from voc.core.clock import Clock
from voc.core.errors import Temporary
from voc.customers.identify import identify
from voc.jobs import Item
from voc.model import Feedback
from voc.pipeline import queries
from voc.search.index import reindex
from voc.security.keys import Keys

KIND = "pipeline.introduce"


class Context(Protocol):
    """What this needs of the runtime."""

    clock: Clock
    keys: Keys


def introduce_late(session: Session, context: Context, pairs: Sequence[tuple[Item, Any]]) -> None:
    """Give each changed feedback the contact point of its author, if it has one by now and had none before.

    Raises Temporary for a feedback that the pipeline is just going through: it may have read it before it was told.
    """
    for item, _ in pairs:
        feedback = queries.feedback_by_id(session, item.subject)
        if feedback.author is None or feedback.contact_point_id is not None or feedback.deleted_at is not None:
            continue
        if feedback.processed_at is None:
            raise Temporary("this feedback is not understood yet")
        _introduce(session, context, feedback)


def _introduce(session: Session, context: Context, feedback: Feedback) -> None:
    """Nobody is joined by that to anybody's history: what was typed proves nothing."""
    author = {**(feedback.author or {}), "verified": False}
    who = identify(session, context.keys, [(feedback.id, author, feedback.language_hint)], now=context.clock())
    feedback.contact_point_id = who[feedback.id].contact_point_id
    if feedback.case_id is not None:
        case = cases.case_for_update(session, feedback.case_id)
        if case.headline_id == feedback.id:
            case.contact_point_id = feedback.contact_point_id
            case.version += 1
    session.flush()
    reindex(session, [feedback.id])
