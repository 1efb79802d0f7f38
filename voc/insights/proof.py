"""The record of the proof that nobody was left behind: written by whoever looked, shown on the Morning page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from voc.insights import queries
from voc.insights.days import day_of
from voc.model import Proof


def record(session: Session, found: Mapping[str, int], *, now: datetime) -> None:
    """Keep what a look at everything found: people left behind by check, 0 included."""
    day, people = day_of(now, queries.zone(session)), sum(found.values())
    known = session.get(Proof, day, with_for_update=True)
    if known is None:
        known = Proof(day=day, checks=0, worst=0, left_behind=0, found={}, checked_at=now)
        session.add(known)
    known.checks, known.worst = known.checks + 1, max(known.worst, people)
    known.left_behind, known.found, known.checked_at = people, dict(found), now
