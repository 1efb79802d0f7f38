"""What delivery does in the worker.

Sending is claim → mark *sending* (committed) → talk to the server → mark what became of it. If the process dies
between the server's 250 and that last mark, the mail goes a second time under the same Message-ID: the alternative
would be a customer left without the answer. A mark that merely fails (database busy) repeats nothing, because the
process remembers what was taken.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.clock import Clock
from voc.core.errors import NotFound, Permanent, Temporary
from voc.core.settings import Settings
from voc.core.vocabulary import Via
from voc.db import Database
from voc.delivery import notices, queries, states
from voc.delivery.compose import answer_mail, domain_of, header_id, internal_mail, sender_of, thread_root
from voc.delivery.deadlines import spread
from voc.delivery.in_channel import send_in_channel
from voc.delivery.memory import memory_of
from voc.delivery.naming import remember
from voc.delivery.notifiers import tell_notifiers
from voc.delivery.outcome import ABANDONED, NOT_CONFIGURED, Failed, Outcome, Sent, Settled
from voc.delivery.queries import SEND_KIND, Letter
from voc.delivery.queue import NOTICE_KIND, NOTIFIER_KIND
from voc.jobs import Handler, Item, Periodic, Registry
from voc.jobs.retry import Retry
from voc.net.smtp import SmtpServer, Unreachable
from voc.plugin_host import PluginHost
from voc.security.keys import Keys

log = logging.getLogger(__name__)

# About a day in all: long enough for greylisting and for a server that is down overnight.
SEND_RETRY = Retry(attempts=30, first=timedelta(seconds=30), longest=timedelta(hours=1))
NOTICE_RETRY = Retry(attempts=12, first=timedelta(seconds=30), longest=timedelta(minutes=30))
# A failed answer that is older is left to people: it may say what is no longer true.
HELD_BACK = timedelta(days=7)


class Context(Protocol):
    """What delivery needs of the runtime."""

    settings: Settings
    db: Database
    clock: Clock
    keys: Keys
    host: PluginHost


def send_answers(runtime: Context, items: Sequence[Item]) -> list[Outcome]:
    """Hand each message to the mail server. Raises Temporary while a further try makes sense."""
    return [_send_answer(runtime, item) for item in items]


def _send_answer(runtime: Context, item: Item) -> Outcome:
    with runtime.db.reading() as session:
        letter = queries.letter(session, item.subject)
    if letter is None:
        raise NotFound("this message is gone")
    if letter.state not in queries.IN_HAND:
        return Settled()
    if taken_at := memory_of(runtime.db).taken_at(letter.id):
        return Sent(taken_at, memory_of(runtime.db).external_id(letter.id))
    mail = letter.via is Via.EMAIL
    if mail and not runtime.settings.mail_from.strip():
        return Failed(NOT_CONFIGURED)
    try:
        return _try_answer(runtime, letter) if mail else send_in_channel(runtime, letter)
    except Permanent as error:
        return Failed(str(error))
    except Temporary as error:
        if item.attempts >= SEND_RETRY.attempts:
            return Failed(str(error))
        with runtime.db.writing() as session:
            states.wait(session, letter.id, str(error))
        raise


def _try_answer(runtime: Context, letter: Letter) -> Outcome:
    settings, code = runtime.settings, letter.tracking_code
    link = settings.public(f"/t/{code}?s={runtime.keys.sign('status', code)}") if code else None
    mail = answer_mail(
        mail_from=settings.mail_from,
        recipient=letter.recipient,
        subject=letter.subject,
        text=letter.text,
        own_id=letter.header_id,
        root=thread_root(letter.case_id, letter.oldest_id),
        earlier=letter.earlier,
        language=letter.language or settings.language,
        link=link,
        now=runtime.clock(),
    )
    memory_of(runtime.db).require_server(runtime.clock())
    with runtime.db.writing() as session:
        begun = states.begin(session, letter.id)
        # Before it goes: a report about it may be faster than the server's answer.
        remember(session, runtime.keys, message_id=letter.id, kind="email", names=[letter.header_id])
    if not begun:
        return Settled()
    return Sent(_hand_over(runtime, letter.id, mail, letter.recipient))


def _hand_over(runtime: Context, key: UUID, mail: bytes, recipient: str) -> datetime:
    """Give `mail` to the server and remember under `key` that it was taken; returns when."""
    memory = memory_of(runtime.db)
    try:
        SmtpServer.of(runtime.settings).send(mail, sender=sender_of(runtime.settings.mail_from), recipient=recipient)
    except Unreachable as error:
        memory.server_down(error, runtime.clock())
        raise
    at = runtime.clock()
    memory.taken(key, at)
    return at


def mark_answers(session: Session, runtime: Context, pairs: Sequence[tuple[Item, Outcome]]) -> None:
    """Write what became of each try, in the transaction that ends the work."""
    now = runtime.clock()
    for item, outcome in pairs:
        if isinstance(outcome, Sent):
            if states.succeed(session, item.subject, at=outcome.at, now=now):
                _name(session, runtime, item.subject, outcome)
        elif isinstance(outcome, Failed):
            log.warning("message failed", extra={"message_id": str(item.subject), "reason": outcome.reason})
            states.fail(session, item.subject, reason=outcome.reason, now=now)


def _name(session: Session, runtime: Context, message_id: UUID, sent: Sent) -> None:
    """Keep the channel's own id of what was sent."""
    message = queries.message_for_update(session, message_id)
    if message is not None and sent.external_id:
        message.external_id = sent.external_id
        kind = queries.channel_kind(session, message.channel_id)
        remember(session, runtime.keys, message_id=message_id, kind=kind, names=[sent.external_id])


def send_notices(runtime: Context, items: Sequence[Item]) -> list[None]:
    """Mail each notice to a colleague. What the notice speaks of is on the screen anyway."""
    for item in items:
        _send_notice(runtime, item)
    return [None] * len(items)


def _send_notice(runtime: Context, item: Item) -> None:
    settings, data = runtime.settings, item.data
    known = {"work_id": str(item.id), "template": data["template"], "user_id": data["to_user_id"]}
    if not settings.mail_from.strip():
        log.info("notice not mailed, no mail is configured", extra=known)
        return
    if memory_of(runtime.db).taken_at(item.id) is not None:
        return
    with runtime.db.reading() as session:
        person = queries.colleague(session, UUID(data["to_user_id"]))
        variables, voice_of = spread(data, settings.public)
        voice = queries.words_of(session, voice_of)
    if person is None or not person.active:
        log.info("notice not mailed, nobody is there to read it", extra=known)
        return
    variables = {"name": person.name, "company": person.company, **variables, "voice": voice}
    subject, body = notices.render(data["template"], person.language, variables)
    mail = internal_mail(
        mail_from=settings.mail_from,
        name=person.name,
        recipient=person.email,
        subject=subject,
        text=body,
        own_id=header_id(item.id, domain_of(settings.mail_from)),
        now=runtime.clock(),
    )
    memory_of(runtime.db).require_server(runtime.clock())
    _hand_over(runtime, item.id, mail, person.email)


def mark_notices(session: Session, runtime: Context, pairs: Sequence[tuple[Item, Any]]) -> None:
    """Nothing is kept of a notice: the escalation it tells of is on record already."""


def sweep(runtime: Context, now: datetime) -> None:
    """Leave no message between the states.

    What is in hand without work behind it (the worker died at every try) is shown as failed, with the reason that
    stood in quarantine; what waited only for mail to be configured goes out.
    """
    configured = bool(runtime.settings.mail_from.strip())
    since = now - HELD_BACK
    with runtime.db.reading() as session:
        idle = not queries.abandoned(session, 1)
        idle = idle and not (configured and queries.held_back(session, since=since, limit=1))
    if idle:
        return
    with runtime.db.writing(patience=30) as session:
        for row in queries.abandoned(session):
            log.warning("message was abandoned", extra={"message_id": str(row.id)})
            reason = f"{ABANDONED}: {row.error}" if row.error else ABANDONED
            states.fail(session, row.id, reason=reason, now=now)
            states.forget_quarantined(session, row.id)
        for message_id in queries.held_back(session, since=since) if configured else ():
            states.requeue(session, message_id, now=now)


HANDLERS = [
    Handler(SEND_KIND, apply=mark_answers, prepare=send_answers, lane="slow", retry=SEND_RETRY),
    Handler(NOTICE_KIND, apply=mark_notices, prepare=send_notices, lane="slow", retry=NOTICE_RETRY),
    # In the lane of other people's servers: a chat room that does not answer holds up no answer to a customer.
    Handler(NOTIFIER_KIND, apply=mark_notices, prepare=tell_notifiers, lane="door", retry=NOTICE_RETRY),
]
PERIODIC = [Periodic("delivery.sweep", every=timedelta(minutes=5), run=sweep)]


def register(registry: Registry) -> None:
    """Declare handlers and periodic work."""
    registry.add(HANDLERS, PERIODIC)
