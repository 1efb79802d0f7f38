"""Loading feedback chunk by chunk, with all that was made of each; plain rows, closed words as the text they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, select, type_coerce
from sqlalchemy.orm import Session

from voc.model import Analysis, ContactPoint, DeliveryKey, Feedback, Identity, Judgement, Receipt, StanceDecision

AnyRow = Row[*tuple[Any, ...]]


@dataclass(slots=True)
class Voice:
    """One feedback. `analyses` and `decisions` are oldest first; `point` is its contact point."""

    row: AnyRow
    analyses: list[AnyRow] = field(default_factory=list)
    decisions: list[AnyRow] = field(default_factory=list)
    judgement: AnyRow | None = None
    point: AnyRow | None = None


def voices(session: Session, ids: Sequence[UUID]) -> list[Voice]:
    """The feedback of these ids."""
    rows = session.execute(
        select(
            Feedback.id,
            Feedback.text,
            type_coerce(Feedback.metric, String).label("metric"),
            Feedback.score,
            Feedback.author,
            Feedback.received_at,
            Receipt.received_at.label("arrived_at"),
            Feedback.processed_at,
            type_coerce(Feedback.stance, String).label("stance"),
            Feedback.mixed,
            Feedback.analysis_id,
            Feedback.stance_decision_id,
            Feedback.customer_id,
            Feedback.contact_point_id,
            Feedback.edited_at,
            Feedback.deleted_at,
        )
        .outerjoin(Receipt, Receipt.id == Feedback.receipt_id)
        .where(Feedback.id.in_(ids))
        .order_by(Feedback.id)
    )
    found = {row.id: Voice(row) for row in rows}
    for analysis in _analyses(session, ids):
        if analysis.feedback_id in found:
            found[analysis.feedback_id].analyses.append(analysis)
    for decision in _decisions(session, ids):
        if decision.feedback_id in found:
            found[decision.feedback_id].decisions.append(decision)
    for judgement in _judgements(session, ids):
        if judgement.feedback_id in found:
            found[judgement.feedback_id].judgement = judgement
    points = _points(session, [voice.row.contact_point_id for voice in found.values() if voice.row.contact_point_id])
    for voice in found.values():
        voice.point = points.get(voice.row.contact_point_id)
    return list(found.values())


def _analyses(session: Session, ids: Sequence[UUID]) -> Iterator[AnyRow]:
    yield from session.execute(
        select(
            Analysis.id,
            Analysis.feedback_id,
            Analysis.language,
            Analysis.label,
            Analysis.probability,
            Analysis.result,
            Analysis.analyzer,
            Analysis.author_id,
            Analysis.created_at,
        )
        .where(Analysis.feedback_id.in_(ids))
        .order_by(Analysis.id)
    )


def _decisions(session: Session, ids: Sequence[UUID]) -> Iterator[AnyRow]:
    yield from session.execute(
        select(
            StanceDecision.id,
            StanceDecision.feedback_id,
            type_coerce(StanceDecision.stance, String).label("stance"),
            StanceDecision.mixed,
            StanceDecision.reasons,
            StanceDecision.policy,
            StanceDecision.author_id,
            StanceDecision.created_at,
        )
        .where(StanceDecision.feedback_id.in_(ids))
        .order_by(StanceDecision.id)
    )


def _judgements(session: Session, ids: Sequence[UUID]) -> Iterator[AnyRow]:
    yield from session.execute(
        select(
            Judgement.feedback_id,
            Judgement.sla_version_id,
            Judgement.due_at,
            Judgement.decided_at,
            Judgement.decided_by,
            Judgement.decision,
        ).where(Judgement.feedback_id.in_(ids))
    )


def _points(session: Session, ids: Sequence[UUID]) -> dict[UUID | None, AnyRow]:
    rows = session.execute(
        select(ContactPoint.id, ContactPoint.name, ContactPoint.email, ContactPoint.phone).where(
            ContactPoint.id.in_(ids)
        )
    )
    return {row.id: row for row in rows}


def owners(session: Session, keys: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], set[UUID]]:
    """Who has, or had before it was taken away, each of these identities (kind, keyed hash)."""
    rows = session.execute(
        select(Identity.kind, Identity.value_hash, Identity.customer_id).where(
            Identity.value_hash.in_([value_hash for _, value_hash in keys])
        )
    )
    found: dict[tuple[str, bytes], set[UUID]] = {}
    for kind, value_hash, customer_id in rows:
        found.setdefault((kind, bytes(value_hash)), set()).add(customer_id)
    return found


def deliveries(session: Session, ids: Sequence[UUID]) -> Iterator[AnyRow]:
    """Receipts with their identity and body, a few at a time: bodies can be large."""
    yield from session.execute(
        select(
            Receipt.id,
            type_coerce(Receipt.door, String).label("door"),
            Receipt.channel_id,
            Receipt.delivery_id,
            Receipt.received_at,
            Receipt.body,
        ).where(Receipt.id.in_(ids)),
        execution_options={"yield_per": 50},
    )


def delivery_keys(session: Session, keys: Sequence[bytes]) -> dict[bytes, AnyRow]:
    """The delivery keys among these."""
    rows = session.execute(
        select(
            DeliveryKey.key,
            DeliveryKey.content_hash,
            DeliveryKey.receipt_id,
            DeliveryKey.feedback_id,
            DeliveryKey.created_at,
        ).where(DeliveryKey.key.in_(keys))
    )
    return {bytes(row.key): row for row in rows}
