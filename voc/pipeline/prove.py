"""The proof, taken by itself every now and then: is anybody left behind? Counted by the checks of `voc verify`."""

from __future__ import annotations

import logging
from datetime import datetime

from voc.insights.proof import record
from voc.pipeline import queries
from voc.pipeline.process import Context
from voc.pipeline.verify import verify
from voc.pipeline.verify.report import LEFT_BEHIND

log = logging.getLogger(__name__)

# `voc verify` finds these on its walk over every feedback there is. That is too long a way to go every ten minutes; the
# reconciler asks the same by one statement.
ON_THE_WALK = {"unknown.unasked": queries.unasked}


def prove(context: Context, now: datetime) -> int:
    """Look at everything and keep what was found; returns how many people were left behind, which should be 0."""
    stated = LEFT_BEHIND - ON_THE_WALK.keys()
    report = verify(context, now=now, only=stated)
    found = dict.fromkeys(sorted(stated), 0) | {item.check: item.count for item in report.findings}
    with context.db.reading() as session:
        found |= {check: count(session) for check, count in ON_THE_WALK.items()}
    with context.db.writing(patience=30, durable=False) as session:
        record(session, found, now=now)
    people = sum(found.values())
    if people:
        log.warning("people are left behind", extra={"people": people})
    return people
