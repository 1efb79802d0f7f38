"""Answering: a human answer goes out, and only when it was really sent the promise is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.cases.audience import choices, passed_over
from voc.cases.changing import changing, noted
from voc.cases.events import CaseResolved
from voc.cases.reaching import Way, way_of
from voc.cases.timing import happened, retime
from voc.core.errors import Forbidden, Invalid
from voc.core.text import is_blank, shorten, storable
from voc.core.vocabulary import MessageState, ObligationState
from voc.delivery.queue import Route, queue_message, retry_message
from voc.jobs import publish
from voc.model import Case, Message
from voc.security.access import Actor, require

MAX_TEXT = 20_000
SUBJECTS = {
    "es": "Respuesta a su mensaje: {topic}",
    "pt": "Resposta à sua mensagem: {topic}",
    "en": "Answer to your message: {topic}",
}
NO_TEXT = {"es": "caso C-{number}", "pt": "caso C-{number}", "en": "case C-{number}"}


def answer(
    session: Session,
    case_id: UUID,
    *,
    actor: Actor,
    text: str,
    version: int,
    now: datetime,
    domain: str,
    resolve: bool = False,
    to: UUID | None = None,
) -> UUID:
    """Send `text` to the customer in their own channel, else by e-mail, else onto the status page.

    `to` is a feedback of the person it is for, where more than one wrote on the case; None: whoever the case is about.
    Raises Conflict when somebody changed the case since `version`, Invalid when there is nothing to send. The
    obligation is met when the message was sent, not now. Returns the message id.
    """
    clean = storable(text).strip()
    if is_blank(clean):
        raise Invalid(fields={"text": ["Please write something."]})
    if len(clean) > MAX_TEXT:
        raise Invalid(fields={"text": ["This is too long."]})
    case = changing(session, case_id, actor=actor, permission="case.answer", version=version)
    if actor.user_id is None:
        raise Forbidden("only a person can answer")
    way, about = _way(session, case, to)
    if case.owner_id is None:
        case.owner_id = actor.user_id
        happened(session, case, "assigned", at=now, actor_id=actor.user_id, owner_id=actor.user_id)
    message = queue_message(
        session,
        case_id=case.id,
        author_id=actor.user_id,
        case_version=version,
        way=Route(way.via, way.recipient, way.channel_id, way.reply_to),
        subject=_subject(session, case, way, about),
        text=clean,
        now=now,
        domain=domain,
    )
    message.resolves = resolve
    happened(session, case, "answer_queued", at=now, actor_id=actor.user_id, message_id=message.id)
    noted(session, case, "case.answered", actor=actor, now=now, message_id=str(message.id))
    return message.id


def retry(session: Session, message_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Send a failed answer again; raises Conflict when it did not fail."""
    require(actor, "case.answer")
    message = queries.message_by_id(session, message_id)
    retry_message(session, message_id, now=now)
    case = queries.case_for_update(session, message.case_id)
    happened(session, case, "answer_retried", at=now, actor_id=actor.user_id, message_id=message_id)
    noted(session, case, "case.answer_retried", actor=actor, now=now, message_id=str(message_id))


def answer_sent(session: Session, message: Message, *, now: datetime) -> None:
    """The answer reached the customer's channel: every promise is met to what had arrived by then, but for what
    another person said, whom it did not go to. Twice is once."""
    case = queries.case_for_update(session, message.case_id)
    sent_at = message.sent_at
    if message.state is not MessageState.SENT or sent_at is None:
        return
    if any(
        data.get("message_id") == str(message.id) and kind == "answered"
        for kind, _, data in queries.moments(session, case.id)
    ):
        return
    happened(
        session,
        case,
        "answered",
        at=sent_at,
        actor_id=message.author_id,
        message_id=message.id,
        until=message.created_at.isoformat(),
        **_not_for(session, case, message),
    )
    clock = retime(session, case)
    for obligation in queries.open_obligations(session, case.id):
        # The clock alone says who was answered, so that promise and clock can never disagree.
        if obligation.feedback_id not in clock.waiting:
            obligation.state = ObligationState.MET
            obligation.met_at, obligation.message_id = sent_at, message.id
    if message.resolves and not clock.waiting and clock.resolved_at is None:
        happened(session, case, "resolved", at=sent_at, actor_id=message.author_id)
        retime(session, case)
        publish(session, CaseResolved(case.id), now=now)


def answer_failed(session: Session, message: Message, *, now: datetime) -> None:
    """The answer could not be delivered: it satisfies nothing, the clock goes on, the case says so."""
    case = queries.case_for_update(session, message.case_id)
    case.version += 1
    happened(session, case, "answer_failed", at=now, actor_id=None, message_id=message.id)


def answer_bounced(session: Session, message: Message, *, now: datetime) -> None:
    """The answer came back after it was sent: whatever it had settled is open again, a resolved case too."""
    case = queries.case_for_update(session, message.case_id)
    moments = queries.moments(session, case.id)
    own = [kind for kind, _, data in moments if data.get("message_id") == str(message.id)]
    if message.bounced_at is None or "bounced" in own:
        return
    case.version += 1
    happened(session, case, "bounced", at=now, actor_id=None, message_id=message.id)
    _open_again(session, case, [message.id], now=now)


def look_again(session: Session, case_id: UUID, *, now: datetime) -> None:
    """Whom the answers of a case reached, where that was not written down when they were sent: a promise that was kept
    to somebody whom no answer went to is open again. Twice is once."""
    case = queries.case_for_update(session, case_id)
    changed: list[UUID] = []
    for event in queries.answered_events(session, case_id):
        message = queries.message_by_id(session, UUID(event.data["message_id"]))
        others = {} if "others" in event.data else _not_for(session, case, message)
        if others:
            event.data = {**event.data, **others}
            changed.append(message.id)
    if changed:
        case.version += 1
        _open_again(session, case, changed, now=now)


def _open_again(session: Session, case: Case, messages: Sequence[UUID], *, now: datetime) -> None:
    """What these answers settled and the clock says is unanswered waits again, on a resolved case too."""
    clock = retime(session, case)
    for obligation in queries.obligations_met_by(session, messages):
        if obligation.feedback_id in clock.waiting:
            obligation.state = ObligationState.OPEN
            obligation.met_at = obligation.message_id = None
        elif obligation.feedback_id in clock.answered:
            # A later answer had told them as well.
            obligation.met_at, obligation.message_id = clock.answered[obligation.feedback_id]
    if clock.waiting and clock.resolved_at is not None:
        happened(session, case, "reopened", at=now, actor_id=None)
    retime(session, case)


def _way(session: Session, case: Case, to: UUID | None) -> tuple[Way, UUID]:
    """(how the answer goes, the feedback it is about); raises Invalid when nobody on the case can be answered so."""
    contact = queries.contact_of(session, case)
    way = way_of(queries.answerable(session, case.id), contact.email if contact else None)
    if to is None:
        return way, case.headline_id
    voices = queries.voices(session, case.id)
    found = choices(voices, headline_id=case.headline_id, way=way, waiting=frozenset())
    chosen = next((choice for choice in found if to in choice.feedback_ids), None)
    if chosen is None:
        raise Invalid(fields={"to": ["Please choose one of the answers shown."]})
    return chosen.way, chosen.key


def _not_for(session: Session, case: Case, message: Message) -> dict[str, list[str]]:
    """What the event of an answer says of the words that it has not answered."""
    others = passed_over(
        queries.voices(session, case.id),
        headline_id=case.headline_id,
        via=message.via,
        recipient=message.recipient,
        reply_to=message.reply_to,
    )
    return {"others": [str(key) for key in others]} if others else {}


def _subject(session: Session, case: Case, way: Way, about: UUID) -> str:
    """The customer's own subject, else one in their language made of the first words of what they said."""
    if way.subject:
        return way.subject if way.subject[:3].lower() == "re:" else f"Re: {way.subject}"
    language = case.language if case.language in SUBJECTS else "es"
    feedback = queries.feedback_of(session, about)
    topic = shorten(feedback.text, 60) if feedback.text else NO_TEXT[language].format(number=case.number)
    return SUBJECTS[language].format(topic=topic)
