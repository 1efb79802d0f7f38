"""The one SELECT these pages need beside those of the rooms: what the machine had read before somebody corrected it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.cases.views import FeedbackView
from voc.model import Analysis

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the machine made of a text: its label and the topics it found."""

    label: str
    topics: tuple[str, ...]
    analyzer: str | None


def machine_readings(session: Session, views: Iterable[FeedbackView]) -> dict[UUID, Reading]:
    """The machine's last reading of each feedback that a person corrected; one statement, none without corrections."""
    corrected = [view.id for view in views if view.analyzer == PERSON]
    if not corrected:
        return {}
    rows = session.execute(
        select(Analysis.feedback_id, Analysis.label, Analysis.result)
        .where(Analysis.feedback_id.in_(corrected), Analysis.author_id.is_(None))
        .order_by(Analysis.id)
    )
    return {
        row.feedback_id: Reading(
            label=row.label,
            topics=tuple(dict.fromkeys(opinion["topic"] for opinion in row.result["opinions"])),
            analyzer=row.result["analyzer"],
        )
        for row in rows
    }
