"""What rules and their plugins keep of somebody's words goes with the words."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.delivery.queue import NOTIFIER_KIND
from voc.model import RuleDeed, RuleMatch, Work
from voc.routing.deeds import queries
from voc.routing.deeds.ordering import KIND

# What a condition looks at that holds words: the text in its forms, and whatever came along with it.
OF_WORDS = ("text", "plain", "words", "facts")
# In the place of why something waits: a plugin may have quoted what it was given.
WITHDRAWN = "the customer took the words back; why it waits went with them"


def forget_words(session: Session, feedback_id: UUID) -> None:
    """Take the words out of what rules saw, of what plugins said they did, and of why they could not. That they acted
    stays on record, and what waits still goes, without words."""
    quiet = {"synchronize_session": False}
    session.execute(
        update(RuleDeed).where(RuleDeed.feedback_id == feedback_id).values(text=""), execution_options=quiet
    )
    for match_id, why in queries.whys_of(session, feedback_id):
        kept = {name: value for name, value in why.items() if name.split(".")[0] not in OF_WORDS}
        if kept != why:
            session.execute(update(RuleMatch).where(RuleMatch.id == match_id).values(why=kept), execution_options=quiet)
    session.execute(
        update(Work)
        .where(Work.subject_id == feedback_id, Work.kind.in_((KIND, NOTIFIER_KIND)), Work.error.is_not(None))
        .values(error=WITHDRAWN),
        execution_options=quiet,
    )
