"""SELECTs of the export, page by page in the order of the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, null, select
from sqlalchemy.orm import Session

from voc.core.vocabulary import ReceiptState
from voc.model import Analysis, Case, Channel, Feedback, House, Receipt, SlaVersion, StanceDecision

AnyRow = Row[*tuple[Any, ...]]


def feedback_rows(session: Session, after: UUID | None, limit: int, *, raw: bool) -> Sequence[AnyRow]:
    """The next feedback with what was understood and decided; `raw` adds the body of the receipt it came in."""
    statement = (
        select(
            *(Feedback.id, Feedback.received_at, Feedback.sent_at, Feedback.text, Feedback.metric, Feedback.score),
            *(Feedback.language_hint, Feedback.stance, Feedback.mixed, Feedback.author, Feedback.consent),
            *(Feedback.unit, Feedback.facts, Feedback.customer_id, Feedback.receipt_id),
            *(Channel.slug, Channel.kind, Case.number, Receipt.tracking_code),
            *(Analysis.language, Analysis.label, Analysis.probability, Analysis.result),
            *(StanceDecision.reasons, StanceDecision.policy),
            (Receipt.body if raw else null()).label("body"),
        )
        .join(Channel, Channel.id == Feedback.channel_id)
        .join(Receipt, Receipt.id == Feedback.receipt_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .outerjoin(StanceDecision, StanceDecision.id == Feedback.stance_decision_id)
        .outerjoin(Case, Case.id == Feedback.case_id)
        .order_by(Feedback.id)
        .limit(limit)
    )
    return session.execute(statement.where(Feedback.id > after) if after else statement).all()


def other_receipts(session: Session, after: UUID | None, limit: int) -> Sequence[AnyRow]:
    """The next receipts that did not become feedback: robots, ignored, in quarantine, or not yet read."""
    statement = (
        select(
            *(Receipt.id, Receipt.received_at, Receipt.state, Receipt.reason, Receipt.content_type),
            *(Receipt.tracking_code, Receipt.body, Channel.slug, Channel.kind),
        )
        .join(Channel, Channel.id == Receipt.channel_id)
        .where(Receipt.state != ReceiptState.READ)
        .order_by(Receipt.id)
        .limit(limit)
    )
    return session.execute(statement.where(Receipt.id > after) if after else statement).all()


def country_and_zone(session: Session) -> tuple[str | None, str]:
    """The country of the house's calendar (ISO code), None when it has none, and the house's time zone."""
    statement = select(House.zone, SlaVersion.definition).outerjoin(SlaVersion, SlaVersion.id == House.sla_version_id)
    row = session.execute(statement).first()
    if row is None:
        return None, ""
    country = (row.definition or {}).get("calendar", {}).get("country")
    return (str(country) if country else None), row.zone
