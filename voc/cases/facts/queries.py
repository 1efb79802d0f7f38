"""SELECTs of what plugins are told. Of a customer only what was verified: what somebody typed proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from voc.core.vocabulary import IdentityKind, Stance
from voc.model import Analysis, Case, Channel, Customer, Feedback, FeedbackTag, Identity, Team, User
from voc.plugin import CaseFacts, CustomerFacts, FeedbackFacts

# Makes an address that people can open of a path in voc (`voc.core.settings.Settings.public`).
Public = Callable[[str], str]


def feedback_facts(session: Session, feedback_id: UUID, public: Public) -> FeedbackFacts | None:
    """One feedback as it stands now; None when it is gone."""
    row = session.execute(
        select(Feedback, Analysis.result, Channel.slug)
        .join(Channel, Channel.id == Feedback.channel_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .where(Feedback.id == feedback_id)
    ).one_or_none()
    if row is None:
        return None
    said: Feedback = row.Feedback
    found: dict[str, Any] = row.result or {}
    tags = session.scalars(
        select(FeedbackTag.tag).where(FeedbackTag.feedback_id == feedback_id).order_by(FeedbackTag.tag)
    )
    return FeedbackFacts(
        id=str(said.id),
        channel=row.slug,
        received_at=said.received_at,
        link=public(f"/feedback/{said.id}"),
        text=said.text,
        metric=said.metric.value if said.metric else None,
        score=said.score,
        language=found.get("language") or said.language_hint,
        stance=(said.stance or Stance.UNKNOWN).value,
        topics=tuple(dict.fromkeys(item["topic"] for item in found.get("opinions", ()))),
        flags=tuple(dict.fromkeys(item["kind"] for item in found.get("risks", ()))),
        tags=tuple(tags),
        facts=said.facts if isinstance(said.facts, dict) else {},
    )


def case_facts(session: Session, case_id: UUID | None, public: Public) -> CaseFacts | None:
    """One case as it stands now; None when there is none."""
    row = session.execute(
        select(Case, Team.name.label("team"), User.name.label("owner"))
        .join(Team, Team.id == Case.team_id)
        .outerjoin(User, User.id == Case.owner_id)
        .where(Case.id == case_id)
    ).one_or_none()
    if case_id is None or row is None:
        return None
    case: Case = row.Case
    return CaseFacts(
        id=str(case.id),
        number=case.number,
        state=case.state.value,
        priority=case.priority.value,
        link=public(f"/cases/{case.id}"),
        team=row.team,
        owner=row.owner or "",
        due_at=case.response_due_at,
    )


def customer_facts(session: Session, customer_id: UUID | None) -> CustomerFacts | None:
    """One customer with the identities that hold now, the oldest of each kind; None when there is none."""
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is None:
        return None
    rows = session.execute(
        select(Identity.kind, Identity.value)
        .where(Identity.customer_id == customer.id, Identity.detached_at.is_(None))
        .order_by(Identity.id.desc())
    )
    held = {row.kind: row.value for row in rows}
    return CustomerFacts(
        id=str(customer.id),
        name=customer.name,
        email=held.get(IdentityKind.EMAIL.value),
        phone=held.get(IdentityKind.PHONE.value),
        external_id=held.get(IdentityKind.EXTERNAL_ID.value),
        segment=customer.segment,
    )


def places_of(session: Session, feedback_id: UUID) -> tuple[UUID | None, UUID | None]:
    """(case, customer) of a feedback as they stand now."""
    row = session.execute(
        select(Feedback.case_id, Feedback.customer_id).where(Feedback.id == feedback_id)
    ).one_or_none()
    return (row.case_id, row.customer_id) if row else (None, None)


def customer_of(session: Session, case_id: UUID) -> UUID | None:
    """The verified customer that a case is about, None when nobody was verified."""
    return session.execute(select(Case.customer_id).where(Case.id == case_id)).scalar()
