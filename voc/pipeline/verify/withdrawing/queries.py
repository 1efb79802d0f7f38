"""Statements about what was kept of words that were taken back. While work about them waits, it is no hole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, select

from voc.core.vocabulary import WorkState
from voc.db.types import word
from voc.model import Feedback, RuleDeed, Work
from voc.pipeline.verify.check import Scope, check


@check("deed.words", "I10")
def deed_words(scope: Scope) -> Select[Any]:
    """The customer took the words back, and what a plugin said it did with them still stands. Empty that text."""
    under_way = exists().where(
        Work.subject_id == Feedback.id, Work.state.in_((word(WorkState.TODO), word(WorkState.DOING)))
    )
    return (
        select(RuleDeed.id)
        .join(Feedback, Feedback.id == RuleDeed.feedback_id)
        .where(Feedback.deleted_at.is_not(None), RuleDeed.text != "", ~under_way, scope.of(Feedback.id))
    )


CHECKS = (deed_words,)
