"""SELECTs of the case page, of one feedback, and of the feedback list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, exists, select
from sqlalchemy.orm import Session, aliased

from voc.cases.audience import Voice, choices
from voc.cases.reaching import Way, reachable, same_person, way_of
from voc.cases.reading.cursor import read_cursor, write_cursor
from voc.cases.views import (
    CaseView,
    ClockView,
    FeedbackView,
    FileView,
    HappenedView,
    MessageView,
    NoteView,
    Page,
)
from voc.core.errors import NotFound
from voc.core.vocabulary import CaseState, ClockKind, ObligationState, Via
from voc.model import (
    Analysis,
    Attachment,
    Case,
    CaseEvent,
    Channel,
    ContactPoint,
    Customer,
    Escalation,
    Feedback,
    FeedbackEdit,
    Message,
    Note,
    Obligation,
    SlaVersion,
    StanceDecision,
    Team,
    User,
)
from voc.search.asked import Asked
from voc.search.queries import found
from voc.security.access import Actor, require


def case_view(session: Session, case_id: UUID, *, viewer: Actor) -> CaseView:
    """Everything the case page shows, in ten statements; raises NotFound, also for what is not yours to see."""
    require(viewer, "case.view")
    owner = aliased(User)
    found = session.execute(
        select(Case, Team.name, owner.name, Customer.name, ContactPoint.name, SlaVersion.definition)
        .join(Team, Team.id == Case.team_id)
        .join(SlaVersion, SlaVersion.id == Case.sla_version_id)
        .outerjoin(owner, owner.id == Case.owner_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(ContactPoint, ContactPoint.id == Case.contact_point_id)
        .where(Case.id == case_id)
    ).first()
    if found is None:
        raise NotFound
    case, team_name, owner_name, customer_name, contact_name, definition = found
    email, phone = _addresses(session, case.id)
    escalations = _escalations(session, case.id)
    reply = way_of(answerable(session, case_id), email)
    feedback = _feedback_views(session, Feedback.case_id == case_id, headline=case.headline_id)
    waiting = frozenset(item.id for item in feedback if item.obligation_state is ObligationState.OPEN)
    return CaseView(
        id=case.id,
        number=case.number,
        version=case.version,
        state=case.state,
        priority=case.priority,
        who=customer_name or contact_name or email or _handle(feedback),
        email=email,
        phone=phone,
        language=case.language,
        customer_id=case.customer_id,
        team_id=case.team_id,
        team_name=team_name,
        owner_id=case.owner_id,
        owner_name=owner_name,
        opened_at=case.opened_at,
        resolved_at=case.resolved_at,
        first_answered_at=case.first_answered_at,
        escalated_at=case.escalated_at,
        escalated_to=escalations[-1].actor_name if escalations else None,
        clocks=_clocks(case),
        zone=definition["calendar"]["zone"],
        reply=reply,
        replies=choices(voices(session, case_id), headline_id=case.headline_id, way=reply, waiting=waiting),
        feedback=feedback,
        messages=_messages(session, case_id),
        notes=_notes(session, case_id),
        happened=tuple(sorted([*_happened(session, case_id), *escalations], key=lambda item: item.at)),
    )


def _handle(feedback: Sequence[FeedbackView]) -> str | None:
    """What whoever the case is about is called in a network, for who left no name and no address."""
    return next((item.handle for item in feedback if item.handle and not item.stranger), None)


def _clocks(case: Case) -> tuple[ClockView, ...]:
    return (
        ClockView(ClockKind.FIRST_RESPONSE, case.response_due_at, case.first_answered_at),
        ClockView(
            ClockKind.RESOLUTION, case.resolution_due_at, case.resolved_at if case.state is CaseState.RESOLVED else None
        ),
    )


def _addresses(session: Session, case_id: UUID) -> tuple[str | None, str | None]:
    """The newest e-mail address and telephone number that whoever the case is about left on it."""
    points = contact_points(session, case_id)
    email = next((point.email for point in points if point.email), None)
    return email, next((point.phone for point in points if point.phone), None)


def contact_points(session: Session, case_id: UUID) -> list[ContactPoint]:
    """The contact points of whoever the case is about, newest first; not those of others who wrote in its thread."""
    first = aliased(Feedback)
    rows = session.execute(
        select(ContactPoint, Feedback.author, Feedback.customer_id, first.author, first.customer_id)
        .join(Feedback, Feedback.contact_point_id == ContactPoint.id)
        .join(Case, Case.id == Feedback.case_id)
        .join(first, first.id == Case.headline_id)
        .where(Feedback.case_id == case_id)
        .order_by(Feedback.id.desc())
    )
    return [
        point
        for point, author, customer_id, first_author, first_customer_id in rows
        if same_person(first_author, author) or (customer_id is not None and customer_id == first_customer_id)
    ]


def answerable(session: Session, case_id: UUID) -> Way | None:
    """The channel of the newest words of whoever the case is about that can be answered where they were said."""
    first = aliased(Feedback)
    rows = session.execute(
        select(Feedback.reply_to, Feedback.author, Feedback.subject, Channel.id, Channel.name)
        .add_columns(Feedback.customer_id, first.author.label("first_author"), first.customer_id.label("first_id"))
        .join(Channel, Channel.id == Feedback.channel_id)
        .join(Case, Case.id == Feedback.case_id)
        .join(first, first.id == Case.headline_id)
        .where(Feedback.case_id == case_id, Feedback.reply_to.is_not(None), Channel.active)
        .order_by(Feedback.id.desc())
    )
    for row in rows:
        theirs = same_person(row.first_author, row.author)
        if row.reply_to and (theirs or (row.customer_id is not None and row.customer_id == row.first_id)):
            return Way(Via.CHANNEL, _shown(row.reply_to, row.author or {}), row.id, row.name, row.reply_to, row.subject)
    return None


def voices(session: Session, case_id: UUID) -> list[Voice]:
    """Everything that was said on a case, oldest first, with how each of it could be answered by itself."""
    rows = session.execute(
        select(Feedback.id, Feedback.author, Feedback.customer_id, Feedback.reply_to, Feedback.subject)
        .add_columns(Channel.id.label("channel_id"), Channel.name, Channel.active, ContactPoint.email)
        .join(Channel, Channel.id == Feedback.channel_id)
        .outerjoin(ContactPoint, ContactPoint.id == Feedback.contact_point_id)
        .where(Feedback.case_id == case_id)
        .order_by(Feedback.id)
    )
    return [Voice(row.id, row.author, row.customer_id, _own_way(row)) for row in rows]


def _own_way(row: Row[*tuple[Any, ...]]) -> Way | None:
    if row.reply_to and row.active:
        shown = _shown(row.reply_to, row.author or {})
        return Way(Via.CHANNEL, shown, row.channel_id, row.name, row.reply_to, row.subject)
    return Way(Via.EMAIL, row.email) if reachable(row.email) else None


def _shown(reply_to: Mapping[str, Any], author: Mapping[str, Any]) -> str | None:
    """Where the answer really goes, as far as the channel says; else who spoke."""
    to = reply_to.get("to")
    if isinstance(to, str) and to:
        return to
    found = (author.get(name) for name in ("handle", "email", "phone", "name"))
    return next((str(value) for value in found if value), None)


def _messages(session: Session, case_id: UUID) -> tuple[MessageView, ...]:
    rows = session.execute(
        select(Message, User.name)
        .join(User, User.id == Message.author_id)
        .where(Message.case_id == case_id)
        .order_by(Message.id)
    )
    return tuple(
        MessageView(
            *(m.id, name, m.text, m.via, m.recipient, m.state, m.error),
            *(m.created_at, m.sent_at, m.bounced_at, m.delivered_at, m.read_at),
        )
        for m, name in rows
    )


def _notes(session: Session, case_id: UUID) -> tuple[NoteView, ...]:
    rows = session.execute(
        select(Note.id, User.name, Note.text, Note.created_at)
        .join(User, User.id == Note.author_id)
        .where(Note.case_id == case_id)
        .order_by(Note.id)
    )
    return tuple(NoteView(note_id, name, text, at) for note_id, name, text, at in rows)


def _happened(session: Session, case_id: UUID) -> list[HappenedView]:
    owner = aliased(User)
    rows = session.execute(
        select(CaseEvent.at, CaseEvent.kind, User.name, CaseEvent.data)
        .select_from(CaseEvent)
        .outerjoin(User, User.id == CaseEvent.actor_id)
        .where(CaseEvent.case_id == case_id)
        .order_by(CaseEvent.id)
    ).all()
    wanted = {UUID(data["owner_id"]) for _, _, _, data in rows if data.get("owner_id")}
    names = {}
    if wanted:
        names = {str(i): n for i, n in session.execute(select(owner.id, owner.name).where(owner.id.in_(wanted)))}
    return [
        HappenedView(at, kind, name, {**data, "owner_name": names.get(str(data.get("owner_id")))})
        for at, kind, name, data in rows
    ]


def _escalations(session: Session, case_id: UUID) -> list[HappenedView]:
    rows = session.execute(
        select(Escalation.created_at, Escalation.clock, Escalation.due_at, User.name)
        .outerjoin(User, User.id == Escalation.told_id)
        .where(Escalation.case_id == case_id)
        .order_by(Escalation.id)
    )
    return [
        HappenedView(at, "escalated", name, {"clock": clock.value, "due_at": due_at.isoformat()})
        for at, clock, due_at, name in rows
    ]


def _feedback() -> Select[*tuple[Any, ...]]:
    corrector, relabeler = aliased(User), aliased(User)
    return (
        select(
            Feedback,
            Analysis,
            StanceDecision,
            Channel.kind,
            Channel.name.label("channel_name"),
            Obligation.id.label("obligation_id"),
            Obligation.state.label("obligation_state"),
            Obligation.due_at.label("obligation_due_at"),
            corrector.name.label("corrector"),
            relabeler.name.label("relabeler"),
            exists().where(FeedbackEdit.feedback_id == Feedback.id, ~FeedbackEdit.added).label("changed"),
        )
        .join(Channel, Channel.id == Feedback.channel_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .outerjoin(StanceDecision, StanceDecision.id == Feedback.stance_decision_id)
        .outerjoin(corrector, corrector.id == StanceDecision.author_id)
        .outerjoin(relabeler, relabeler.id == Analysis.author_id)
        .outerjoin(Obligation, Obligation.feedback_id == Feedback.id)
        .order_by(Feedback.id)
    )


def _feedback_views(
    session: Session, wanted: ColumnElement[bool], *, headline: UUID | None = None
) -> tuple[FeedbackView, ...]:
    """These feedback, oldest first, with their files: two statements. `headline` is whose case it is."""
    rows = session.execute(_feedback().where(wanted)).all()
    first = next((row.Feedback for row in rows if row.Feedback.id == headline), None)
    files: dict[UUID, list[FileView]] = {}
    for row in session.execute(
        select(Attachment.feedback_id, Attachment.id, Attachment.name, Attachment.size, Attachment.body.is_not(None))
        .where(Attachment.feedback_id.in_([row.Feedback.id for row in rows]))
        .order_by(Attachment.id)
    ):
        files.setdefault(row[0], []).append(FileView(*row[1:]))
    return tuple(_feedback_view(row, tuple(files.get(row.Feedback.id, ())), first) for row in rows)


def attachment(session: Session, feedback_id: UUID, attachment_id: UUID) -> tuple[str, bytes]:
    """(name, content) of a file that is kept; raises NotFound."""
    row = session.execute(
        select(Attachment.name, Attachment.body).where(
            Attachment.id == attachment_id, Attachment.feedback_id == feedback_id, Attachment.body.is_not(None)
        )
    ).first()
    if row is None or row.body is None:
        raise NotFound
    return row.name, row.body


def _feedback_view(
    row: Row[*tuple[Any, ...]], files: tuple[FileView, ...], first: Feedback | None = None
) -> FeedbackView:
    feedback: Feedback = row.Feedback
    analysis: Analysis | None = row.Analysis
    decision: StanceDecision | None = row.StanceDecision
    return FeedbackView(
        id=feedback.id,
        text=feedback.text,
        language=(analysis.language if analysis else None) or feedback.language_hint,
        metric=feedback.metric,
        score=feedback.score,
        received_at=feedback.received_at,
        channel_kind=row.kind,
        channel_name=row.channel_name,
        author_name=(feedback.author or {}).get("name"),
        unit=feedback.unit,
        stance=feedback.stance,
        mixed=feedback.mixed,
        policy=decision.policy if decision else None,
        reasons=tuple(decision.reasons) if decision else (),
        corrected_by=row.corrector or row.relabeler,
        label=analysis.label if analysis else None,
        probability=analysis.probability if analysis else None,
        analyzer=analysis.analyzer if analysis else None,
        analyzer_version=analysis.version if analysis else None,
        analysis=analysis.result if analysis else None,
        obligation_id=row.obligation_id,
        obligation_state=row.obligation_state,
        obligation_due_at=row.obligation_due_at,
        case_id=feedback.case_id,
        handle=(feedback.author or {}).get("handle"),
        number=(feedback.author or {}).get("external_id"),
        subject=feedback.subject,
        reach=feedback.reach,
        address=_web_address(feedback.facts.get("url")),
        edited_at=feedback.edited_at if row.changed else None,
        deleted_at=feedback.deleted_at,
        files=files,
        sender=(feedback.author or {}).get("email"),
        answers_to=_elsewhere(feedback),
        stranger=first is not None and _is_stranger(first, feedback),
        truncated=feedback.facts.get("truncated") is True,
    )


def _is_stranger(first: Feedback, other: Feedback) -> bool:
    """Whether `other` on the case of `first` came from another address, and nobody verified that it is theirs."""
    joined = other.customer_id is not None and other.customer_id == first.customer_id
    return not joined and not same_person(first.author, other.author)


def _elsewhere(feedback: Feedback) -> str | None:
    """Where an answer would go, when that is another address than the one it came from."""
    to, sender = (feedback.reply_to or {}).get("to"), (feedback.author or {}).get("email")
    if not isinstance(to, str) or "@" not in to or not sender or to.casefold() == str(sender).casefold():
        return None
    return to


def _web_address(value: Any) -> str | None:
    """Where it stands in public, when that is an address a browser may be sent to."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None


def feedback_view(session: Session, feedback_id: UUID) -> FeedbackView:
    """One feedback; raises NotFound."""
    found = _feedback_views(session, Feedback.id == feedback_id)
    if not found:
        raise NotFound
    return found[0]


def feedback_in_order(session: Session, ids: Sequence[UUID]) -> tuple[FeedbackView, ...]:
    """These feedback in the order of the ids, without their files; those that are gone are left out."""
    by_id = {row.Feedback.id: row for row in session.execute(_feedback().where(Feedback.id.in_(ids)))}
    return tuple(_feedback_view(by_id[key], ()) for key in ids if key in by_id)


def feedback_page(session: Session, asked: Asked | None = None, *, after: str | None = None, limit: int = 50) -> Page:
    """Feedback, newest first: all of it, or what was asked for. One statement, and one or two more to find it.

    Raises Invalid when `after` is no key of this list.
    """
    asked = asked or Asked()
    cursor = read_cursor(asked.name, after)
    below = cursor[1] if cursor else None
    statement = _feedback().order_by(None).order_by(Feedback.id.desc())
    if asked.plain:
        if asked.filters.stance is not None:
            statement = statement.where(Feedback.stance == asked.filters.stance)
        if below is not None:
            statement = statement.where(Feedback.id < below)
        rows = session.execute(statement.limit(limit + 1)).all()
        shown, more = rows[:limit], len(rows) > limit
    else:
        ids = [] if asked.hopeless else found(session, asked.query, asked.filters, after=below, limit=limit + 1)
        by_id = {row.Feedback.id: row for row in session.execute(statement.where(Feedback.id.in_(ids[:limit])))}
        shown, more = [by_id[key] for key in ids[:limit] if key in by_id], len(ids) > limit
    last = shown[-1].Feedback if more and shown else None
    following = write_cursor(asked.name, last.received_at, last.id) if last else None
    return Page(tuple(_feedback_view(row, ()) for row in shown), following)
