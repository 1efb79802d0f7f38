"""SELECTs of the pipeline."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool

from voc.analysis.taxonomy import Taxonomy
from voc.cases.queries import feedback_in_order, feedback_page, feedback_view
from voc.core.errors import NotFound
from voc.core.vocabulary import MessageState, ObligationState, ReceiptState, Stance
from voc.db.types import table_of, word
from voc.model import (
    Analysis,
    Case,
    ContactPoint,
    Feedback,
    House,
    Judgement,
    Message,
    Obligation,
    Receipt,
    StanceDecision,
    Topic,
    TopicHead,
    TopicVersion,
    User,
    Work,
)

if TYPE_CHECKING:
    from voc.analysis.learned import Head

log = logging.getLogger(__name__)

__all__ = ["feedback_in_order", "feedback_page", "feedback_view"]


@dataclass(frozen=True, slots=True)
class HouseView:
    """What the pipeline needs to know of the house; raises nothing, it was set up before."""

    name: str
    sla_version_id: UUID
    default_team_id: UUID
    competitors: tuple[str, ...] = ()


def house(session: Session) -> HouseView:
    """The house; raises NotFound when it was never set up."""
    wanted = select(House.name, House.sla_version_id, House.default_team_id, House.competitors)
    row = session.execute(wanted).first()
    if row is None or row.sla_version_id is None or row.default_team_id is None:
        raise NotFound("this house was never set up: run voc serve once")
    return HouseView(row.name, row.sla_version_id, row.default_team_id, tuple(row.competitors))


def competitors(session: Session) -> tuple[str, ...]:
    """The names of competitors; none before the house was set up."""
    return tuple(session.execute(select(House.competitors)).scalar() or ())


def house_for_update(session: Session) -> House:
    """The house, to be changed; raises NotFound when it was never set up."""
    found = session.scalars(select(House).with_for_update()).first()
    if found is None:
        raise NotFound("this house was never set up: run voc serve once")
    return found


def unprocessed(session: Session, ids: Sequence[UUID]) -> dict[UUID, Feedback]:
    """Those of these feedback that the pipeline has not been through."""
    rows = session.scalars(select(Feedback).where(Feedback.id.in_(ids), Feedback.processed_at.is_(None)))
    return {feedback.id: feedback for feedback in rows}


def still_unprocessed(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """The same as ids, locked, at the moment of writing."""
    feedback = table_of(Feedback).c
    statement = select(feedback.id).where(feedback.id.in_(ids), feedback.processed_at.is_(None))
    return set(session.connection().execute(statement.with_for_update()).scalars())


def cases_of(session: Session, feedback_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The cases that these feedback belong to."""
    if not feedback_ids:
        return {}
    rows = session.execute(select(Feedback.id, Feedback.case_id).where(Feedback.id.in_(feedback_ids)))
    return {feedback_id: case_id for feedback_id, case_id in rows if case_id is not None}


def feedback_as_it_stands(session: Session, feedback_id: UUID) -> Feedback | None:
    """The feedback, None when it is gone."""
    return session.get(Feedback, feedback_id)


def judged_by_person(session: Session, feedback: Feedback) -> bool:
    """Whether somebody here said how this customer stands: no rereading says otherwise."""
    decision = decision_by_id(session, feedback.stance_decision_id)
    return decision is not None and decision.author_id is not None


def topics(session: Session) -> Sequence[Topic]:
    """The company's taxonomy in a stable order."""
    return session.scalars(select(Topic).order_by(Topic.key)).all()


def topics_for_update(session: Session) -> Sequence[Topic]:
    """The same, locked: two people at once cannot hang two topics under each other."""
    return session.scalars(select(Topic).order_by(Topic.key).with_for_update()).all()


def topic_versions(session: Session, key: str) -> list[tuple[TopicVersion, str | None]]:
    """The versions of a topic with their authors' names, the newest first; empty when there is no such topic."""
    rows = session.execute(
        select(TopicVersion, User.name)
        .join(Topic, Topic.id == TopicVersion.topic_id)
        .outerjoin(User, User.id == TopicVersion.author_id)
        .where(Topic.key == key)
        .order_by(TopicVersion.number.desc())
    )
    return [(version, name) for version, name in rows]


_taxonomies: WeakKeyDictionary[Pool, tuple[Any, Taxonomy]] = WeakKeyDictionary()


def taxonomy(session: Session) -> Taxonomy:
    """The active taxonomy, compiled, with the head in use; made again only after somebody changed one of them."""
    rows = topics(session)
    head_id = session.execute(select(House.topic_head_id)).scalar()
    # The number of versions rises with every save, also when the clocks of two machines differ.
    mark = (sum(topic.number for topic in rows), len(rows), head_id)
    engine = session.get_bind()
    assert isinstance(engine, Engine)  # noqa: S101  (tells the type checker)
    known = _taxonomies.get(engine.pool)
    if known is None or known[0] != mark:
        said = ({"key": t.key, "names": t.names, "words": t.words, "parent": t.parent_key} for t in rows if t.active)
        known = _taxonomies[engine.pool] = (mark, Taxonomy.from_rows(said, _head(session, head_id)))
    return known[1]


def _head(session: Session, head_id: UUID | None) -> Head | None:
    """The head of this id, unpacked; None, with a line in the log, for one that this version cannot read."""
    packed = session.execute(select(TopicHead.packed).where(TopicHead.id == head_id)).scalar() if head_id else None
    if packed is None:
        return None
    from voc.analysis.learned import Head  # only in a house that has taught one

    try:
        return Head.unpack(packed)
    except ValueError as error:
        log.warning("a head cannot be read and is left out", extra={"head_id": str(head_id), "reason": str(error)})
        return None


def feedback_by_id(session: Session, feedback_id: UUID) -> Feedback:
    """The feedback, locked; raises NotFound."""
    feedback = session.scalars(select(Feedback).where(Feedback.id == feedback_id).with_for_update()).first()
    if feedback is None:
        raise NotFound
    return feedback


def analysis_by_id(session: Session, analysis_id: UUID | None) -> Analysis | None:
    """The analysis of this id."""
    return session.get(Analysis, analysis_id) if analysis_id else None


def decision_by_id(session: Session, decision_id: UUID | None) -> StanceDecision | None:
    """The stance decision of this id."""
    return session.get(StanceDecision, decision_id) if decision_id else None


def forgotten_feedback(session: Session, limit: int) -> list[UUID]:
    """Feedback the pipeline has not been through and for which no work is waiting either."""
    waiting = select(Work.subject_id).where(Work.subject_id.is_not(None))
    return list(
        session.scalars(
            select(Feedback.id)
            .where(Feedback.processed_at.is_(None), Feedback.id.not_in(waiting))
            .order_by(Feedback.id)
            .limit(limit)
        )
    )


def forgotten_receipts(session: Session, limit: int) -> list[UUID]:
    """Receipts that were never read and for which no work is waiting either."""
    waiting = select(Work.subject_id).where(Work.subject_id.is_not(None))
    return list(
        session.scalars(
            select(Receipt.id)
            .where(Receipt.state == word(ReceiptState.STORED), Receipt.id.not_in(waiting))
            .order_by(Receipt.id)
            .limit(limit)
        )
    )


def detractors_without_obligation(session: Session, limit: int) -> Sequence[Feedback]:
    """Detractor feedback to which nothing was promised."""
    promised = exists().where(Obligation.feedback_id == Feedback.id)
    return session.scalars(
        select(Feedback).where(Feedback.stance == Stance.DETRACTOR, ~promised).order_by(Feedback.id).limit(limit)
    ).all()


def unknown_without_judgement(session: Session, limit: int) -> Sequence[Feedback]:
    """Feedback of unknown stance that nobody is asked to judge."""
    asked = exists().where(Judgement.feedback_id == Feedback.id)
    return session.scalars(
        select(Feedback).where(Feedback.stance == Stance.UNKNOWN, ~asked).order_by(Feedback.id).limit(limit)
    ).all()


def unasked(session: Session) -> int:
    """How much feedback of unknown stance nobody is asked to judge."""
    asked = exists().where(Judgement.feedback_id == Feedback.id)
    return session.execute(
        select(func.count(Feedback.id)).where(Feedback.stance == Stance.UNKNOWN, ~asked)
    ).scalar_one()


@dataclass(frozen=True, slots=True)
class StatusText:
    """One thing said on the status page."""

    who: Literal["customer", "company"]
    name: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatusView:
    """What a customer may know about their message; `texts` are for the signed link only."""

    code: str
    received_at: datetime
    state: Literal["received", "in_hand", "answered", "resolved"]
    owner_name: str | None
    due_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    language: str | None
    texts: tuple[StatusText, ...]


def status_by_code(session: Session, code: str) -> StatusView | None:
    """The status behind a tracking code; None when there is no such code."""
    receipt = session.scalars(select(Receipt).where(Receipt.tracking_code == code)).first()
    if receipt is None:
        return None
    feedback = session.scalars(select(Feedback).where(Feedback.receipt_id == receipt.id).order_by(Feedback.id)).first()
    case = session.get(Case, feedback.case_id) if feedback and feedback.case_id else None
    texts: list[StatusText] = []
    answered_at = None
    if feedback and feedback.text:
        texts.append(StatusText("customer", (feedback.author or {}).get("name"), feedback.text, receipt.received_at))
    if case and feedback:
        promise = session.scalars(select(Obligation).where(Obligation.feedback_id == feedback.id)).first()
        answered_at = promise.met_at if promise and promise.state is ObligationState.MET else None
        for message, name in _answers(session, case, feedback):
            texts.append(StatusText("company", name, message.text, message.sent_at or message.created_at))
            answered_at = answered_at or message.sent_at
    owner = session.get(User, case.owner_id) if case and case.owner_id else None
    return StatusView(
        code=code,
        received_at=receipt.received_at,
        state=_state(case, answered_at),
        owner_name=owner.name if owner else None,
        due_at=case.response_due_at if case and not answered_at else None,
        answered_at=answered_at,
        resolved_at=case.resolved_at if case else None,
        language=(case.language if case else None) or (feedback.language_hint if feedback else None),
        texts=tuple(texts),
    )


def _answers(session: Session, case: Case, feedback: Feedback) -> list[tuple[Message, str]]:
    """What was really sent on the case since this feedback arrived, to the address that this feedback left.

    A case can hold the words of one customer from several receipts; nobody sees an answer that was mailed to an
    address other than their own.
    """
    point = session.get(ContactPoint, feedback.contact_point_id) if feedback.contact_point_id else None
    address = point.email if point else None
    rows = session.execute(
        select(Message, User.name)
        .join(User, User.id == Message.author_id)
        .where(
            Message.case_id == case.id, Message.state == MessageState.SENT, Message.created_at >= feedback.received_at
        )
        .order_by(Message.id)
    )
    return [(message, name) for message, name in rows if message.recipient in (None, address)]


def _state(case: Case | None, answered_at: datetime | None) -> Literal["received", "in_hand", "answered", "resolved"]:
    if case is None:
        return "received"
    if case.resolved_at is not None:
        return "resolved"
    if answered_at is not None:
        return "answered"
    return "in_hand" if case.owner_id is not None else "received"
