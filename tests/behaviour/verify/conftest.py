"""A house with a rich history, built once for each database, and a way to tear holes into it and take them back.

The history is made by the services only. A hole is torn in a transaction with foreign keys switched off; the
verification looks through the same connection, and at the end everything is rolled back.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, LargeBinary, bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from voc.cases.answer import answer
from voc.cases.assign import assign, prioritize
from voc.cases.escalate import sweep
from voc.cases.resolve import reopen, resolve
from voc.cases.waive import waive
from voc.core.settings import load
from voc.core.vocabulary import Door, Metric, Priority, RoleName, Stance
from voc.db import Key, Utc
from voc.delivery import states
from voc.delivery.queries import SEND_KIND
from voc.intake.incoming import Incoming
from voc.intake.jobs import READ_KIND
from voc.intake.submit import submit
from voc.jobs import enqueue, outbox
from voc.jobs.engine import Engine
from voc.model import Case, Channel, Feedback, Obligation, Work
from voc.pipeline.correct import correct_label, correct_stance, correct_topics
from voc.pipeline.judge import judge
from voc.pipeline.verify import Report, verify
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import queries as people
from voc.security import tokens, users
from voc.security.access import Actor

BINDS = (
    bindparam("nobody", UUID("01900000-0000-7000-8000-000000000000"), type_=Key()),
    bindparam("ago", datetime(2026, 1, 5, 12, 0, tzinfo=UTC), type_=Utc()),
    bindparam("far", datetime(2031, 1, 6, 12, 0, tzinfo=UTC), type_=Utc()),
    bindparam("bytes", b"other", type_=LargeBinary()),
)
PG = "postgresql+psycopg://postgres@127.0.0.1:5432/"


class ByHand:
    """A clock that is set by hand: a Wednesday at ten in Lima, working time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def forward(self, **amount: float) -> datetime:
        self.at += timedelta(**amount)
        return self.at


@dataclass
class Past:
    """A house in which people have spoken and worked. `ids` names feedback by what became of them."""

    runtime: Runtime
    forward: Callable[..., datetime]
    agent: Actor
    manager: Actor
    api_channel: UUID
    form_channel: UUID
    ids: dict[str, UUID] = field(default_factory=dict)

    def now(self) -> datetime:
        return self.runtime.clock()

    def work(self) -> None:
        """Do everything that is due."""
        engine = Engine(self.runtime, worker="past")
        while engine.drain("flow") + engine.drain("slow"):
            pass

    def say(self, key: str, words: str | None, score: int | None = None, /, **more: Any) -> UUID:
        """Through the API, with a key."""
        author = {"name": None, "email": None, "phone": None, "external_id": None, **more}
        author["verified"] = author["external_id"] is not None
        body = repr((key, words, score)).encode()
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.api_channel,
                content_type="application/json",
                body=body,
                received_at=self.now(),
                content_hash=hashlib.sha256(body).digest(),
                key=self.runtime.keys.hash("api", self.api_channel.bytes, key),
                delivery_id=key,
                feedback={
                    "text": words,
                    "metric": Metric.NPS if score is not None else None,
                    "score": score,
                    "author": author if any(more.values()) else None,
                },
            )
        )
        assert accepted.feedback_id is not None
        self.ids[key] = accepted.feedback_id
        return accepted.feedback_id

    def fill_in(self, submission: str, /, *, robot: str | None = None, **values: Any) -> None:
        """Through the web form."""
        submit(
            self.runtime.writer,
            self.runtime.keys,
            channel_id=self.form_channel,
            submission_id=submission,
            form_version=1,
            language="es",
            values=values,
            now=self.now(),
            robot=robot,
        )

    def case_of(self, name: str) -> Case:
        with self.runtime.db.reading() as session:
            case_id = session.get_one(Feedback, self.ids[name]).case_id
            assert case_id is not None
            return session.get_one(Case, case_id)

    def on(self, name: str, action: Callable[..., Any], **more: Any) -> Any:
        """Do something to the case of a feedback, at its present version."""
        case = self.case_of(name)
        actor = more.pop("actor", self.agent)
        with self.runtime.db.writing() as session:
            return action(session, case.id, actor=actor, version=case.version, now=self.now(), **more)

    def reply(self, name: str, words: str, *, resolve: bool = False) -> UUID:
        found: UUID = self.on(name, answer, text=words, domain="voc.test", resolve=resolve)
        return found

    def about(self, name: str, action: Callable[..., Any], **more: Any) -> None:
        """Do something to a feedback itself."""
        with self.runtime.db.writing() as session:
            action(session, self.ids[name], actor=self.manager, now=self.now(), **more)

    def let_go(self, name: str, reason: str) -> None:
        with self.runtime.db.writing() as session:
            promise = session.scalars(select(Obligation.id).where(Obligation.feedback_id == self.ids[name])).one()
            waive(session, promise, actor=self.manager, reason=reason, now=self.now())

    def deliver(self, message_id: UUID) -> None:
        """What the mail server's 250 leads to; the sending itself has tests of its own."""
        with self.runtime.db.writing() as session:
            states.succeed(session, message_id, at=self.now(), now=self.now())
            session.execute(delete(Work).where(Work.kind == SEND_KIND, Work.subject_id == message_id))
        self.work()


def tell(past: Past) -> None:
    """Everything that can happen to feedback, cases and messages in this form of the house."""
    _open(past)
    past.forward(hours=1)
    _decide(past)
    past.forward(days=3)
    sweep(past.runtime, past.now())
    past.work()
    past.forward(hours=2)
    _wait(past)


def _open(past: Past) -> None:
    past.fill_in("mailed", score=0, text="Pésima atención, nadie responde", name="Ana", email="ana@example.com")
    past.fill_in("shown", score=1, text="No llegó el pedido")
    past.fill_in("happy", score=10)
    past.fill_in("trap", robot="honeypot", text="buy now")
    past.fill_in("broken", text=5)
    past.say("first", "El cobro está mal", 2, external_id="c-7", name="Luis")
    past.say("alone", "Me voy a quejar ante Indecopi", 6, email="rosa@example.com")
    past.say("nobody", "Muy lento todo", 3)
    past.say("corrected", "Todo mal", 4)
    past.say("back", "Malo", 1)
    past.say("resolved", "Tarde", 0)
    past.say("fine", "The staff was great, thank you", 9)
    past.say("plain", None, 7)
    past.say("silent", None, 5)
    past.say("was passive", "Regular nomás", 8)
    for name in ("judged bad", "judged good", "to judge"):
        past.say(name, "Ich war gestern im Laden")
    past.say("late", "Nadie contesta", 0)
    past.work()
    with past.runtime.db.reading() as session:
        for row in session.scalars(select(Feedback).where(Feedback.channel_id == past.form_channel)):
            past.ids[{0: "mailed", 1: "shown", 10: "happy"}[row.score or 0]] = row.id


def _decide(past: Past) -> None:
    past.say("second", "Sigue mal el cobro", 0, external_id="c-7", name="Luis")
    past.work()
    past.on("first", assign, owner_id=past.manager.user_id)
    past.on("first", prioritize, priority=Priority.URGENT)
    past.deliver(past.reply("mailed", "Lo sentimos, ya está en camino."))
    past.reply("shown", "Ya lo revisamos.", resolve=True)
    past.reply("alone", "Le escribimos, pero no hay correo configurado.")
    past.reply("resolved", "Corregido.", resolve=True)
    past.work()
    past.on("resolved", reopen)
    past.let_go("nobody", "spam")
    past.on("nobody", resolve, note="no responde")
    past.about("corrected", correct_stance, stance=Stance.PASSIVE)
    past.about("back", correct_stance, stance=Stance.PASSIVE)
    past.forward(minutes=5)
    past.about("back", correct_stance, stance=Stance.DETRACTOR)
    past.about("was passive", correct_stance, stance=Stance.DETRACTOR)
    past.about("fine", correct_label, label="neutral")
    past.about("fine", correct_topics, topics=["delivery"])
    _unknown_work(past)
    past.about("judged bad", judge, stance=Stance.DETRACTOR)
    past.about("judged good", judge, stance=Stance.PROMOTER)
    past.work()


def _unknown_work(past: Past) -> None:
    """Work that this version cannot do, as after a downgrade: the engine puts it into quarantine."""
    with past.runtime.db.writing() as session:
        enqueue(session, READ_KIND, subject_id=past.ids["plain"], now=past.now())
        session.execute(update(Work).where(Work.subject_id == past.ids["plain"]).values(kind="nobody.knows"))


def _wait(past: Past) -> None:
    """What is still on its way at the end, each thing with its work."""
    past.say("new", "Cobro doble en la tienda", 2)
    past.say("newer", "Llegó roto", 1, email="eva@example.com")
    past.say("unsure", "Ich war gestern in der tienda")
    past.work()
    past.reply("newer", "Enviamos otro.")
    past.reply("new", "Ya lo devolvimos.")
    past.fill_in("unread", score=3)
    past.say("unprocessed", "Mal", 2)
    with past.runtime.db.writing() as session:
        outbox.claim(session, lane="flow", worker="alive", now=past.now(), limit=1, lease=timedelta(minutes=2))


def _furnished(request: pytest.FixtureRequest, folder: Path) -> tuple[str, str | None]:
    """Copy the template of this database; (its kind, name of the database to drop)."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), folder)
        return "", None
    template, source = request.getfixturevalue("pg_template")
    name = f"voc_verify_{uuid.uuid4().hex[:12]}"
    _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    shutil.copytree(source, folder)
    return PG + name, name


def _admin(statement: str) -> None:
    import psycopg

    with psycopg.connect("postgresql://postgres@127.0.0.1:5432/postgres", autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def past(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """The history, on both databases in turn. Read it, or tear it with `torn`; never write to it."""
    folder = tmp_path_factory.mktemp("past") / "instance"
    url, name = _furnished(request, folder)
    clock = ByHand()
    settings = load({}, instance=folder, database_url=url) if url else load({}, instance=folder)
    runtime = open_instance(settings, create=False, clock=clock)
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
        staff = [
            users.add(session, email=f"{who}@aurora.example", name=who, role=role, language="es", now=clock()).id
            for who, role in (("camila", RoleName.AGENT), ("diego", RoleName.MANAGER))
        ]
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
        assert found is not None
        agent, manager = (people.actor_of(session, user_id) for user_id in staff)
        form = session.scalars(select(Channel.id).where(Channel.slug == "feedback")).one()
    house = Past(runtime, clock.forward, agent, manager, found.channel_id, form)
    tell(house)
    yield house
    runtime.close()
    if name is not None:
        _admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass
class Torn:
    """One connection in a transaction that will be rolled back, foreign keys off; a runtime to `verify`."""

    past: Past
    connection: Connection

    @property
    def db(self) -> Torn:
        return self

    @property
    def sqlite(self) -> bool:
        return self.past.runtime.db.sqlite

    @property
    def keys(self) -> Any:
        return self.past.runtime.keys

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self.connection) as session:
            yield session

    def tear(self, *statements: str) -> None:
        """Run raw SQL past every service. It may say :nobody (an id that nothing has), :ago, :far and :bytes."""
        for statement in statements:
            used = [bind for bind in BINDS if f":{bind.key}" in statement]
            hit = self.connection.execute(text(statement).bindparams(*used)).rowcount
            assert hit > 0, f"nothing was torn by {statement}"

    def look(self, *only: str, **later: float) -> Report:
        """The whole report, or that of the checks named."""
        return verify(self, now=self.past.now() + timedelta(**later), only=only or None)

    def found(self, *only: str) -> set[str]:
        return {finding.check for finding in self.look(*only).findings}


@pytest.fixture
def torn(past: Past) -> Iterator[Torn]:
    """The history with everything that was torn taken back afterwards."""
    with past.runtime.db.engine.connect() as connection:
        if past.runtime.db.sqlite:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")
            connection.execute(text("SELECT 1"))
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield Torn(past, connection)
        connection.rollback()
        if past.runtime.db.sqlite:
            raw.execute("PRAGMA foreign_keys=ON")
