"""SELECTs of delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, select
from sqlalchemy.orm import Session, aliased

from voc.core.vocabulary import MessageState, Via, WorkState
from voc.db.types import word
from voc.delivery.compose import EARLIER_SHOWN
from voc.delivery.outcome import NOT_CONFIGURED
from voc.model import Case, Channel, Feedback, House, Message, Receipt, ThreadName, User, Work

SEND_KIND = "delivery.send"
IN_HAND = (MessageState.QUEUED, MessageState.SENDING)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with what is needed to write it as a mail. `oldest_id` is the first Message-ID of the case, which
    may be its own; `earlier` are those sent before, oldest first; `tracking_code` None: no status page."""

    id: UUID
    case_id: UUID
    state: MessageState
    recipient: str
    subject: str
    text: str
    header_id: str
    oldest_id: str
    earlier: tuple[str, ...]
    language: str | None
    tracking_code: str | None
    via: Via = Via.EMAIL
    channel_id: UUID | None = None
    reply_to: dict[str, Any] = field(default_factory=dict)
    author: str = ""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Whom a notice goes to, and in the name of which company."""

    name: str
    email: str
    language: str
    active: bool
    company: str | None


def letter(session: Session, message_id: UUID) -> Letter | None:
    """The message as it stands; None when it is gone."""
    row = session.execute(
        select(Message, Case.language, Feedback.language_hint, Feedback.author, Receipt.tracking_code, User.name)
        .join(Case, Case.id == Message.case_id)
        .outerjoin(User, User.id == Message.author_id)
        .outerjoin(Feedback, Feedback.id == Case.headline_id)
        .outerjoin(Receipt, Receipt.id == Feedback.receipt_id)
        .where(Message.id == message_id)
    ).one_or_none()
    if row is None:
        return None
    message: Message = row.Message
    mails = select(Message.header_id).where(Message.case_id == message.case_id, Message.via != Via.STATUS_PAGE)
    sent = session.scalars(
        mails.where(Message.state == MessageState.SENT, Message.id != message.id)
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(EARLIER_SHOWN)
    ).all()
    language = row.language or row.language_hint
    # The status page belongs to whoever the case is about; who only wrote in their thread gets no link to it.
    owner = str((row.author or {}).get("email") or message.recipient or "")
    return Letter(
        id=message.id,
        case_id=message.case_id,
        state=message.state,
        recipient=message.recipient or "",
        subject=message.subject,
        text=message.text,
        header_id=message.header_id,
        oldest_id=session.scalars(mails.order_by(Message.id).limit(1)).first() or message.header_id,
        earlier=tuple(reversed(sent)),
        language=language[:2].lower() if language else None,
        tracking_code=row.tracking_code if owner.casefold() == (message.recipient or "").casefold() else None,
        via=message.via,
        channel_id=message.channel_id,
        reply_to=message.reply_to or {},
        author=row.name or "",
    )


def channel(session: Session, channel_id: UUID | None) -> Channel | None:
    """The channel of this id."""
    return session.get(Channel, channel_id) if channel_id else None


def channel_kind(session: Session, channel_id: UUID | None) -> str:
    """The kind of this channel; mail that goes out by the house's own server answers mailboxes."""
    kind = session.execute(select(Channel.kind).where(Channel.id == channel_id)).scalar() if channel_id else None
    return kind or "email"


def known_names(session: Session, names: Sequence[bytes]) -> set[bytes]:
    """Which of these names stand for something already."""
    return {bytes(key) for key in session.scalars(select(ThreadName.key).where(ThreadName.key.in_(list(names))))}


def message_for_update(session: Session, message_id: UUID) -> Message | None:
    """The message, held until the transaction ends; None when there is none."""
    return session.scalars(select(Message).where(Message.id == message_id).with_for_update()).one_or_none()


def came_back(session: Session, message_id: UUID) -> bool:
    """Whether this message was sent and came back."""
    found = session.execute(select(Message.id).where(Message.id == message_id, Message.bounced_at.is_not(None)))
    return found.first() is not None


def colleague(session: Session, user_id: UUID) -> Colleague | None:
    """The person a notice is for; None when there is none."""
    row = session.execute(
        select(User.name, User.email, User.language, User.active).where(User.id == user_id)
    ).one_or_none()
    if row is None:
        return None
    company = session.scalars(select(House.name).limit(1)).first()
    return Colleague(row.name, row.email, row.language, row.active, company)


def written_now(session: Session, kind: str, lane: str, subject_id: UUID | None, now: datetime) -> list[Work]:
    """Work of this kind about one thing that was written at this very moment and that nobody has taken, locked."""
    waits = (Work.lane == lane, Work.state == word(WorkState.TODO), Work.due_at == now)
    about = Work.subject_id == subject_id if subject_id is not None else Work.subject_id.is_(None)
    rows = select(Work).where(*waits, Work.kind == kind, about, Work.attempts == 0).with_for_update(skip_locked=True)
    return list(session.scalars(rows))


def words_of(session: Session, feedback_id: str | None) -> str | None:
    """What the customer said, as it stands now; None when nothing was, or it was taken back."""
    if feedback_id is None:
        return None
    return session.execute(select(Feedback.text).where(Feedback.id == UUID(feedback_id))).scalar()


def house_voice(session: Session) -> tuple[str | None, str]:
    """(name of the company, language of the house)."""
    row = session.execute(select(House.name, House.language).limit(1)).first()
    return (row.name, row.language) if row else (None, "en")


def abandoned(session: Session, limit: int = 100) -> Sequence[Row[UUID, str | None]]:
    """Messages in hand that no work stands behind: (id, error of the work in quarantine or None), oldest first."""
    live = exists().where(_work_of_message(), Work.state.in_((WorkState.TODO, WorkState.DOING)))
    why = (
        select(Work.error)
        .where(_work_of_message(), Work.state == WorkState.QUARANTINED)
        .order_by(Work.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.execute(
        select(Message.id, why.label("error"))
        .where(Message.state.in_(IN_HAND), Message.via != Via.STATUS_PAGE, ~live)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def held_back(session: Session, *, since: datetime, limit: int = 100) -> Sequence[UUID]:
    """Messages written after `since` that failed only because no mail was configured, and which nothing that was
    sent later in the same case has overtaken; oldest first."""
    later = aliased(Message)
    overtaken = exists().where(
        later.case_id == Message.case_id, later.id > Message.id, later.state == MessageState.SENT
    )
    return session.scalars(
        select(Message.id)
        .where(
            Message.state == MessageState.FAILED,
            Message.error == NOT_CONFIGURED,
            Message.created_at > since,
            ~overtaken,
        )
        .order_by(Message.id)
        .limit(limit)
    ).all()


def _work_of_message() -> ColumnElement[bool]:
    return (Work.kind == SEND_KIND) & (Work.subject_id == Message.id)
