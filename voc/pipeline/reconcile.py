"""The reconciler: from raw data, does everybody who must have an answer have a promise? What is missing is made."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from voc.cases.opening import await_judgement
from voc.intake.events import FeedbackStored, ReceiptStored
from voc.jobs.outbox import publish_all
from voc.pipeline import queries
from voc.pipeline.correct import go_by_rules
from voc.pipeline.process import Context

log = logging.getLogger(__name__)

BATCH = 200
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Gap:
    """What was missing and was put right."""

    receipts: int = 0
    feedback: int = 0
    obligations: int = 0
    judgements: int = 0

    @property
    def total(self) -> int:
        """0 when nobody had been left behind."""
        return self.receipts + self.feedback + self.obligations + self.judgements


def reconcile(context: Context, now: datetime) -> Gap:
    """Look for gaps and close them; returns what was found. Safe to run twice and beside a working worker."""
    counts = {"receipts": 0, "feedback": 0, "obligations": 0, "judgements": 0}
    while sum(counts.values()) < MOST:
        with context.db.reading() as session:
            nothing = not (
                queries.forgotten_receipts(session, 1)
                or queries.forgotten_feedback(session, 1)
                or queries.detractors_without_obligation(session, 1)
                or queries.unknown_without_judgement(session, 1)
            )
        if nothing:
            break
        with context.db.writing(patience=30) as session:
            receipts = queries.forgotten_receipts(session, BATCH)
            feedback = queries.forgotten_feedback(session, BATCH)
            publish_all(session, [ReceiptStored(receipt_id) for receipt_id in receipts], now=now)
            publish_all(session, [FeedbackStored(feedback_id) for feedback_id in feedback], now=now)
            promises = queries.detractors_without_obligation(session, BATCH)
            for item in promises:
                go_by_rules(session, item, now=now)
            unknown = queries.unknown_without_judgement(session, BATCH)
            if unknown:
                house = queries.house(session)
                await_judgement(
                    session,
                    [(item.id, item.received_at) for item in unknown],
                    team_id=house.default_team_id,
                    sla_version_id=house.sla_version_id,
                    now=now,
                )
        for name, found in (
            ("receipts", receipts),
            ("feedback", feedback),
            ("obligations", promises),
            ("judgements", unknown),
        ):
            counts[name] += len(found)
    gap = Gap(**counts)
    if gap.total:
        log.warning("gaps closed by the reconciler", extra=counts)
    return gap
