"""Answers on their way: a real mail server on loopback, the real engine, a real database."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.controllers import MailServer
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import CaseState, Door, MessageState, Priority, ReceiptState, Via, WorkState
from voc.db import Database
from voc.delivery import jobs as delivery
from voc.delivery.compose import domain_of
from voc.delivery.events import MessageFailed, MessageSent
from voc.delivery.outcome import NOT_CONFIGURED
from voc.delivery.queue import Route, queue_message, queue_notice, retry_message
from voc.jobs import Handler, Registry, enqueue
from voc.jobs.engine import LEASE, Engine
from voc.model import Case, Channel, Feedback, Message, Receipt, SlaVersion, Team, User, Work, metadata
from voc.net.smtp import Reason
from voc.security.keys import Keys

START = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Runtime:
    settings: Settings
    db: Database
    clock: Clock
    registry: Registry
    keys: Keys
    sent: list[UUID] = field(default_factory=list)
    failed: list[UUID] = field(default_factory=list)


@dataclass
class Thread:
    """One case with its headline, and somebody who answers."""

    case_id: UUID
    user_id: UUID


@dataclass
class Post:
    """What the mail server does, and what it got. Each entry of `script` is used for one mail; empty: accept."""

    recipients: list[str] = field(default_factory=list)
    script: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        step = self.script[0] if self.script else ""
        if step[:3] in ("450", "451", "550"):
            self.script.pop(0)
            return step
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        step = self.script.pop(0) if self.script else ""
        if step == "cut":
            server.transport.abort()
            return "250 too late"
        if step == "hang":
            await asyncio.Event().wait()
        if step:
            return step
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[MailServer]:
    controller = MailServer(post, hostname="127.0.0.1", port=0)
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def runtime(tmp_path: Path, server: MailServer) -> Iterator[Runtime]:
    settings = Settings(
        instance=tmp_path,
        base_url="https://voz.aurora.example",
        mail_from="Aurora <ayuda@aurora.example>",
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        smtp_timeout=5.0,
    )
    db = Database(settings.url)
    metadata.create_all(db.engine)
    made = Runtime(settings, db, Clock(), Registry(), Keys(b"k" * 32))
    db.info["registry"] = made.registry
    delivery.register(made.registry)
    listen(made, MessageSent, "probe.sent", made.sent)
    listen(made, MessageFailed, "probe.failed", made.failed)
    yield made
    db.close()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def listen(runtime: Runtime, event: Any, kind: str, heard: list[UUID]) -> None:
    def apply(session: Any, context: Any, pairs: Any) -> None:
        heard.extend(item.subject for item, _ in pairs)

    runtime.registry.add([Handler(kind, apply=apply, lane="slow")])
    runtime.registry.subscribe(event, kind)


@pytest.fixture
def thread(runtime: Runtime) -> Thread:
    """A complaint on a form, with a tracking code."""
    user, team, sla, channel, receipt, feedback, case = (new_id() for _ in range(7))
    person = {"id": user, "email": "eva@aurora.example", "name": "Eva", "language": "pt", "fs_uniquifier": "u"}
    with runtime.db.writing() as session:
        session.add_all(
            [
                User(**person, active=True, created_at=START),
                Team(id=team, name="Ayuda", created_at=START),
                SlaVersion(id=sla, name="v1", definition={}, created_at=START),
                Channel(id=channel, kind="webform", name="Web", slug="web", key="k", options={}, created_at=START),
            ]
        )
        session.flush()
        stored = {"door": Door.FORM, "content_type": "application/json", "headers": {}, "state": ReceiptState.READ}
        session.add(Receipt(id=receipt, channel_id=channel, received_at=START, tracking_code="ABC234", **stored))
        session.flush()
        session.add(Feedback(id=feedback, receipt_id=receipt, channel_id=channel, received_at=START, facts={}))
        words = {"state": CaseState.OPEN, "priority": Priority.NORMAL, "language": "es", "hurt": 1, "number": 2041}
        owned = {"team_id": team, "headline_id": feedback, "sla_version_id": sla}
        session.add(Case(id=case, **words, **owned, opened_at=START, attention_at=START))
    return Thread(case, user)


def answer(runtime: Runtime, thread: Thread, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "case_id": thread.case_id,
        "author_id": thread.user_id,
        "case_version": 1,
        "way": Route(Via.EMAIL, "ana@example.pe"),
        "subject": "Su comentario",
        "text": "Estimada Ana:\n.\nLo sentimos.",
        "now": runtime.clock(),
        "domain": domain_of(runtime.settings.mail_from),
    }
    with runtime.db.writing() as session:
        return queue_message(session, **(values | changes)).id


def work(runtime: Runtime, after: timedelta = timedelta()) -> None:
    runtime.clock.now += after
    Engine(runtime, worker="w").drain("slow", limit=50)


def message(runtime: Runtime, message_id: UUID) -> Message:
    with runtime.db.reading() as session:
        found = session.get_one(Message, message_id)
        session.expunge(found)
        return found


def rows(runtime: Runtime) -> list[tuple[str, WorkState, int]]:
    with runtime.db.reading() as session:
        return [(row.kind, row.state, row.attempts) for row in session.scalars(select(Work))]


def read(mail: bytes) -> Any:
    return message_from_bytes(mail, policy=policy.default)


def test_an_answer_is_sent_marked_and_reported(runtime: Runtime, thread: Thread, post: Post) -> None:
    sent = answer(runtime, thread)
    assert message(runtime, sent).state is MessageState.QUEUED
    work(runtime)
    row = message(runtime, sent)
    assert (row.state, row.sent_at, row.error, row.attempts) == (MessageState.SENT, START, None, 1)
    assert runtime.sent == [sent]
    assert rows(runtime) == []
    assert post.recipients == ["ana@example.pe"]
    mail = read(post.mails[0])
    assert mail["Message-ID"] == row.header_id
    assert mail["References"] == f"<case-{thread.case_id.hex}@aurora.example>"
    text = mail.get_content().replace("\r\n", "\n")
    link = f"https://voz.aurora.example/t/ABC234?s={runtime.keys.sign('status', 'ABC234')}"
    assert text == f"Estimada Ana:\n.\nLo sentimos.\n\n-- \nPuede ver el estado de su caso aquí: {link}\n"


def test_the_second_answer_joins_the_thread(runtime: Runtime, thread: Thread, post: Post) -> None:
    first = answer(runtime, thread)
    refused = answer(runtime, thread, way=Route(Via.EMAIL, "bo@example.pe"))
    post.script = ["", "550 no"]
    work(runtime)
    runtime.settings = replace(runtime.settings, mail_from="hola@other.example")
    second = answer(runtime, thread)
    work(runtime, timedelta(minutes=1))
    assert message(runtime, refused).state is MessageState.FAILED
    mail, first_id = read(post.mails[1]), message(runtime, first).header_id
    assert mail["In-Reply-To"] == first_id
    assert mail["References"].split() == [f"<case-{thread.case_id.hex}@aurora.example>", first_id]
    assert mail["Subject"] == "Re: Su comentario"
    assert message(runtime, second).header_id.endswith("@other.example>")


def test_the_status_page_needs_no_mail_server(runtime: Runtime, thread: Thread, post: Post) -> None:
    shown = answer(runtime, thread, way=Route(Via.STATUS_PAGE))
    assert message(runtime, shown).state is MessageState.SENT
    work(runtime)
    assert runtime.sent == [shown]
    assert post.mails == []


def test_without_an_address_nothing_is_queued(runtime: Runtime, thread: Thread) -> None:
    with pytest.raises(Invalid) as caught:
        answer(runtime, thread, way=Route(Via.EMAIL, "nobody\r\nRCPT TO:<x@evil.example>"))
    assert "recipient" in caught.value.fields
    assert rows(runtime) == []


def test_a_refused_recipient_is_shown_and_never_as_sent(runtime: Runtime, thread: Thread, post: Post) -> None:
    post.script = ["550 5.1.1 <ana@example.pe> user unknown"]
    gone = answer(runtime, thread)
    work(runtime)
    row = message(runtime, gone)
    assert (row.state, row.sent_at, row.attempts) == (MessageState.FAILED, None, 1)
    assert row.error == f"{Reason.RECIPIENT_REFUSED}: 550 5.1.1 <***> user unknown"
    assert (runtime.sent, runtime.failed) == ([], [gone])
    assert rows(runtime) == []
    with runtime.db.writing() as session:
        retry_message(session, gone, now=runtime.clock())
    work(runtime)
    assert message(runtime, gone).state is MessageState.SENT
    assert runtime.sent == [gone]


def test_only_what_failed_is_tried_again_by_hand(runtime: Runtime, thread: Thread) -> None:
    queued = answer(runtime, thread)
    with pytest.raises(Conflict), runtime.db.writing() as session:
        retry_message(session, queued, now=START)
    with pytest.raises(NotFound), runtime.db.writing() as session:
        retry_message(session, new_id(), now=START)
    assert len(rows(runtime)) == 1


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("451 4.7.1 greylisted, come back later", f"{Reason.RECIPIENT_LATER}: 451 4.7.1 greylisted, come back later"),
        ("cut", Reason.CUT),
        ("452 4.3.1 full", f"{Reason.MAIL_LATER}: 452 4.3.1 full"),
        ("hang", Reason.TOO_SLOW),
    ],
)
def test_what_may_pass_is_tried_again_under_the_same_id(
    runtime: Runtime, thread: Thread, post: Post, trouble: str, reason: str
) -> None:
    runtime.settings = replace(runtime.settings, smtp_timeout=0.4 if trouble == "hang" else 5.0)
    post.script = [trouble]
    late = answer(runtime, thread)
    work(runtime)
    row = message(runtime, late)
    assert (row.state, row.error, row.sent_at) == (MessageState.QUEUED, reason, None)
    assert rows(runtime) == [("delivery.send", WorkState.TODO, 1)]
    work(runtime, timedelta(seconds=29))
    assert len(post.mails) == 0
    work(runtime, timedelta(seconds=1))
    row = message(runtime, late)
    assert (row.state, row.error, row.attempts) == (MessageState.SENT, None, 2)
    assert (runtime.sent, runtime.failed) == ([late], [])
    assert [read(mail)["Message-ID"] for mail in post.mails] == [row.header_id]


def test_a_server_that_is_gone_is_tried_for_a_day(runtime: Runtime, thread: Thread, closed_port: int) -> None:
    runtime.settings = replace(runtime.settings, smtp_port=closed_port)
    waiting, other = answer(runtime, thread), answer(runtime, thread)
    work(runtime)
    assert (message(runtime, waiting).attempts, message(runtime, other).attempts) == (1, 0)
    assert message(runtime, other).error == message(runtime, waiting).error
    for _ in range(40):
        work(runtime, timedelta(hours=1))
    for gone in (waiting, other):
        row = message(runtime, gone)
        assert row.state is MessageState.FAILED
        assert (row.error or "").startswith(f"{Reason.UNREACHABLE}: ")
    assert (sorted(runtime.failed), runtime.sent) == ([waiting, other], [])
    assert rows(runtime) == []


def test_without_a_sender_the_answer_fails_and_goes_once_there_is_one(
    runtime: Runtime, thread: Thread, post: Post
) -> None:
    configured, runtime.settings = runtime.settings, replace(runtime.settings, mail_from="")
    old, held = answer(runtime, thread), answer(runtime, thread)
    work(runtime)
    row = message(runtime, held)
    assert (row.state, row.error, row.attempts) == (MessageState.FAILED, NOT_CONFIGURED, 0)
    delivery.sweep(runtime, runtime.clock())
    assert rows(runtime) == []
    runtime.settings = configured
    with runtime.db.writing() as session:
        session.execute(update(Message).where(Message.id == old).values(created_at=START - timedelta(days=8)))
    delivery.sweep(runtime, runtime.clock())
    work(runtime)
    assert message(runtime, held).state is MessageState.SENT
    assert message(runtime, old).state is MessageState.FAILED
    assert len(post.mails) == 1


def test_a_mark_that_fails_after_the_server_took_it_sends_nothing_twice(
    runtime: Runtime, thread: Thread, post: Post
) -> None:
    taken = answer(runtime, thread)
    break_once(runtime, "delivery.send")
    work(runtime)
    assert message(runtime, taken).state is MessageState.SENDING
    work(runtime, timedelta(minutes=1))
    row = message(runtime, taken)
    assert (row.state, row.sent_at) == (MessageState.SENT, START)
    assert len(post.mails) == 1


def break_once(runtime: Runtime, kind: str) -> None:
    """Let the mark of `kind` fail the first time, as it does when the disk is full just then."""
    handler, broken = runtime.registry.handlers[kind], [True]

    def apply(session: Any, context: Any, pairs: Any) -> None:
        handler.apply(session, context, pairs)
        if broken and broken.pop():
            raise OSError("disk full")

    runtime.registry.handlers[kind] = replace(handler, apply=apply)


def test_a_worker_that_died_while_sending_is_followed_by_another(runtime: Runtime, thread: Thread, post: Post) -> None:
    lost = answer(runtime, thread)
    first = Engine(runtime, worker="first")
    items = first._claim("slow")
    with runtime.db.writing() as session:
        delivery.states.begin(session, lost)
    assert len(items) == 1
    work(runtime, LEASE - timedelta(seconds=1))
    assert post.mails == []
    work(runtime, timedelta(seconds=2))
    assert message(runtime, lost).state is MessageState.SENT
    assert len(post.mails) == 1


def test_a_message_nobody_works_on_is_shown_as_failed(runtime: Runtime, thread: Thread, post: Post) -> None:
    poison = answer(runtime, thread)
    with runtime.db.writing() as session:
        delivery.states.begin(session, poison)
        session.execute(update(Work).values(state=WorkState.QUARANTINED, error="it always died"))
    delivery.sweep(runtime, runtime.clock())
    row = message(runtime, poison)
    assert (row.state, row.error) == (MessageState.FAILED, "sending was given up: it always died")
    work(runtime)
    assert runtime.failed == [poison]
    assert rows(runtime) == []
    delivery.sweep(runtime, runtime.clock())
    assert rows(runtime) == []


def test_work_on_what_is_settled_sends_nothing(runtime: Runtime, thread: Thread, post: Post) -> None:
    done = answer(runtime, thread)
    work(runtime)
    with runtime.db.writing() as session:
        assert not delivery.states.requeue(session, done, now=START)
        enqueue(session, "delivery.send", subject_id=done, now=START)
    work(runtime)
    assert (len(post.mails), runtime.sent, rows(runtime)) == (1, [done], [])


def notice(runtime: Runtime, user_id: UUID, **changes: Any) -> None:
    variables = {
        "case_number": 2041,
        "due_text": "10/03 12:00",
        "who": "Ana",
        "link": "/cases/1",
    }
    with runtime.db.writing() as session:
        queue_notice(
            session, user_id=user_id, template="escalation", variables=variables | changes, now=runtime.clock()
        )


def test_a_colleague_is_told_in_his_language(runtime: Runtime, thread: Thread, post: Post) -> None:
    notice(runtime, thread.user_id)
    work(runtime)
    assert post.recipients == ["eva@aurora.example"]
    mail = read(post.mails[0])
    assert mail["To"] == "Eva <eva@aurora.example>"
    assert mail["Subject"] == "Prazo vencido: caso C-2041"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "https://voz.aurora.example/cases/1" in mail.get_content()
    assert rows(runtime) == []


def test_a_notice_waits_for_the_server_and_is_quarantined_when_refused(
    runtime: Runtime, thread: Thread, post: Post
) -> None:
    post.script = ["451 later", "550 never"]
    notice(runtime, thread.user_id)
    work(runtime)
    assert rows(runtime) == [("delivery.notice", WorkState.TODO, 1)]
    work(runtime, timedelta(seconds=30))
    assert rows(runtime) == [("delivery.notice", WorkState.QUARANTINED, 2)]


@pytest.mark.parametrize("gone", ["sender", "person"])
def test_a_notice_nobody_can_get_is_done(runtime: Runtime, thread: Thread, post: Post, gone: str) -> None:
    notice(runtime, thread.user_id)
    if gone == "sender":
        runtime.settings = replace(runtime.settings, mail_from="")
    else:
        with runtime.db.writing() as session:
            session.execute(update(User).values(active=False))
    work(runtime)
    assert rows(runtime) == []
    assert post.mails == []


def test_a_notice_that_does_not_exist_is_refused(runtime: Runtime, thread: Thread) -> None:
    with pytest.raises(Invalid), runtime.db.writing() as session:
        queue_notice(session, user_id=thread.user_id, template="nothing", variables={}, now=START)


def test_no_address_reaches_the_log(
    runtime: Runtime, thread: Thread, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.script = ["451 <ana@example.pe> later", "554 spam from ayuda@aurora.example", "550 <eva@aurora.example> no"]
    answer(runtime, thread)
    work(runtime)
    work(runtime, timedelta(minutes=1))
    notice(runtime, thread.user_id)
    work(runtime)
    assert len(caplog.records) >= 3
    kept = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "@" not in kept
    with runtime.db.reading() as session:
        assert all("@" not in (row.error or "") for row in session.scalars(select(Work)))
