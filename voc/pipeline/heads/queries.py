"""SELECTs for learning topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from voc.core.errors import NotFound
from voc.core.vocabulary import WorkState
from voc.db.types import word
from voc.model import Analysis, Feedback, House, TopicHead, User, Work


def corrected(session: Session, limit: int) -> list[tuple[str, dict[str, Any]]]:
    """Texts whose present analysis is a person's, with it, the newest first."""
    rows = session.execute(
        select(Feedback.text, Analysis.result)
        .join(Analysis, Analysis.id == Feedback.analysis_id)
        .where(Analysis.author_id.is_not(None), Feedback.text.is_not(None), Feedback.deleted_at.is_(None))
        .order_by(Analysis.id.desc())
        .limit(limit)
    )
    return [(text, result) for text, result in rows if text]


def head_by_id(session: Session, head_id: UUID) -> TopicHead:
    """The head of this id, locked; raises NotFound."""
    found = session.scalars(select(TopicHead).where(TopicHead.id == head_id).with_for_update()).first()
    if found is None:
        raise NotFound
    return found


def head_by_number(session: Session, number: int) -> UUID:
    """The id of the head of this number; raises NotFound."""
    found = session.execute(select(TopicHead.id).where(TopicHead.number == number)).scalar()
    if found is None:
        raise NotFound(f"there is no head {number}")
    return found


def last_head(session: Session) -> tuple[int, str]:
    """Number and data hash of the newest head; (0, "") before the first."""
    row = session.execute(
        select(TopicHead.number, TopicHead.data_hash).order_by(TopicHead.number.desc()).limit(1)
    ).first()
    return (row.number, row.data_hash) if row is not None else (0, "")


def held_back(session: Session) -> bool:
    """Whether somebody stepped back after the last head came into use: then no head comes into use by itself."""
    back, promoted = session.execute(select(func.max(TopicHead.stepped_back_at), func.max(TopicHead.promoted_at))).one()
    return back is not None and (promoted is None or back >= promoted)


def outdated(session: Session, keep: int) -> list[UUID]:
    """Heads with weights that are neither in use nor among the newest `keep` of those that could be."""
    in_use = select(House.topic_head_id).where(House.topic_head_id.is_not(None))
    return list(
        session.scalars(
            select(TopicHead.id)
            .where(TopicHead.packed.is_not(None), TopicHead.id.not_in(in_use))
            .order_by(TopicHead.number.desc())
            .offset(keep)
        )
    )


@dataclass(frozen=True, slots=True)
class HeadView:
    """A head as it is shown; `usable`: it won and its weights are kept."""

    id: UUID
    number: int
    labelled: int
    held_out: int
    topics: Sequence[str]
    scores: dict[str, Any]
    usable: bool
    in_use: bool
    author_name: str | None
    created_at: datetime
    promoted_at: datetime | None
    stepped_back_at: datetime | None


def heads(session: Session, limit: int = 20) -> list[HeadView]:
    """The newest heads, without their weights."""
    in_use = session.execute(select(House.topic_head_id)).scalar()
    usable = TopicHead.packed.is_not(None).label("usable")
    columns = (TopicHead.id, TopicHead.number, TopicHead.labelled, TopicHead.held_out, TopicHead.topics)
    moments = (TopicHead.created_at, TopicHead.promoted_at, TopicHead.stepped_back_at)
    rows = session.execute(
        select(*columns, TopicHead.scores, usable, User.name.label("author_name"), *moments)
        .outerjoin(User, User.id == TopicHead.asked_by)
        .order_by(TopicHead.number.desc())
        .limit(limit)
    )
    return [HeadView(**row._asdict(), in_use=row.id == in_use) for row in rows]


def learning(session: Session, kind: str) -> bool:
    """Whether a head is being learnt, or about to be."""
    waiting = (Work.kind == kind, Work.state != word(WorkState.QUARANTINED))
    return bool(session.execute(select(exists().where(*waiting))).scalar())
