"""Putting messages and notices on their way, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.errors import Conflict, Invalid, NotFound, Permanent
from voc.core.ids import new_id
from voc.core.text import one_line, storable
from voc.core.vocabulary import MessageState, Via
from voc.delivery import notices, queries, states
from voc.delivery.compose import NO_DOMAIN, domain_of, header_id
from voc.delivery.events import MessageSent
from voc.jobs import enqueue, publish
from voc.model import Message
from voc.net.smtp import mailbox

NOTICE_KIND = "delivery.notice"
NOTIFIER_KIND = "delivery.notifier"
LONGEST_SUBJECT = 300


@dataclass(frozen=True, slots=True)
class Route:
    """How an answer goes. `recipient` is an address for a mail, else whom people see it goes to."""

    via: Via
    recipient: str | None = None
    channel_id: UUID | None = None
    reply_to: Mapping[str, Any] | None = None


def queue_message(
    session: Session,
    *,
    case_id: UUID,
    author_id: UUID,
    case_version: int,
    way: Route,
    subject: str,
    text: str,
    now: datetime,
    domain: str,
) -> Message:
    """Store an answer and send it on its way.

    A mail, and what goes through a channel, is queued; on the status page it stands at once, so it is sent. `domain`
    is what its Message-ID ends in (`compose.domain_of`), unless the channel it goes through has a sender of its own.
    Raises Invalid when a mail has no address to go to.
    """
    if way.via is Via.EMAIL:
        try:
            mailbox(way.recipient or "")
        except Permanent:
            raise Invalid(fields={"recipient": ["This is no e-mail address."]}) from None
    message_id = new_id()
    here = way.via is Via.STATUS_PAGE
    message = Message(
        id=message_id,
        case_id=case_id,
        author_id=author_id,
        case_version=case_version,
        via=way.via,
        recipient=way.recipient,
        channel_id=way.channel_id,
        reply_to=dict(way.reply_to) if way.reply_to is not None else None,
        subject=one_line(storable(subject))[:LONGEST_SUBJECT],
        text=storable(text),
        header_id=header_id(message_id, _own_domain(session, way) or domain),
        state=MessageState.SENT if here else MessageState.QUEUED,
        error=None,
        attempts=0,
        created_at=now,
        sent_at=now if here else None,
    )
    session.add(message)
    session.flush()
    if here:
        publish(session, MessageSent(message_id), now=now)
    else:
        enqueue(session, queries.SEND_KIND, subject_id=message_id, now=now)
    return message


def _own_domain(session: Session, way: Route) -> str | None:
    """The domain of the address that answers of the channel come from, when it has one."""
    channel = queries.channel(session, way.channel_id) if way.via is Via.CHANNEL else None
    sender = str(channel.options.get("from_address") or "") if channel else ""
    found = domain_of(sender)
    return None if found == NO_DOMAIN else found


def retry_message(session: Session, message_id: UUID, *, now: datetime) -> None:
    """Try a failed message again. Raises NotFound when there is none, Conflict when it has not failed."""
    message = queries.message_for_update(session, message_id)
    if message is None:
        raise NotFound
    if not states.requeue(session, message_id, now=now):
        raise Conflict("this message has not failed, or somebody tries it again already")


def notice_data(template: str, variables: Mapping[str, Any], voice_of: UUID | None = None) -> dict[str, Any]:
    """What a row of work holds of a notice. Of the customer's words only whose they are: they are read when it goes, so
    that nothing has to be taken back here when they are changed or withdrawn. Raises Invalid for words, and for an
    unknown template."""
    if template not in notices.names():
        raise Invalid(f"there is no notice {template!r}")
    if "voice" in variables:
        raise Invalid("a notice names the feedback whose words it shows, and holds none")
    said = str(voice_of) if voice_of is not None else None
    return {"template": template, "variables": dict(variables), "voice_of": said}


def queue_notice(
    session: Session, *, user_id: UUID, template: str, variables: Mapping[str, Any], now: datetime
) -> None:
    """Tell a colleague by mail; `variables` (JSON values) as in `voc.delivery.notices`, without `name` and `voice`,
    which are filled in. Raises Invalid for an unknown template."""
    data = person_data(str(user_id), notice_data(template, variables))
    enqueue(session, NOTICE_KIND, subject_id=user_id, now=now, data=data)


def person_data(user_id: str, notice: Mapping[str, Any]) -> dict[str, Any]:
    """What a row of work holds that mails a notice to a colleague."""
    return {"to_user_id": user_id, **notice}


def queue_notifier(
    session: Session, *, name: str, template: str, variables: Mapping[str, Any], urgent: bool, now: datetime
) -> None:
    """The same by the notifier of this name, in the language of the house. Whether there is such a notifier is seen
    when it is to tell: what cannot be told waits in quarantine."""
    data = notifier_data(name, notice_data(template, variables), urgent=urgent)
    enqueue(session, NOTIFIER_KIND, subject_id=None, now=now, data=data)


def notifier_data(name: str, notice: Mapping[str, Any], *, urgent: bool) -> dict[str, Any]:
    """What a row of work holds that tells a notice by a plugin's notifier."""
    return {"notifier": name, "urgent": urgent, **notice}
