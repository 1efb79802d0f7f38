"""A promise is open exactly when a clock runs for it, in whatever order things arrive, are read and are answered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from voc.cases.answer import answer, answer_sent
from voc.core.vocabulary import Door, Metric, RoleName, Stance
from voc.intake.incoming import Incoming
from voc.jobs.engine import Engine
from voc.model import Case, Message, Obligation
from voc.pipeline.correct import correct_stance
from voc.pipeline.judge import judge
from voc.pipeline.reconcile import reconcile
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.security import queries as people
from voc.security import tokens, users
from voc.security.access import Actor


@dataclass
class Desk:
    """One verified customer, one manager."""

    runtime: Runtime
    channel_id: UUID
    manager: Actor

    def say(self, words: str, score: int | None = None) -> UUID:
        body = repr((words, score)).encode()
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.channel_id,
                content_type="application/json",
                body=body,
                received_at=self.runtime.clock(),
                content_hash=hashlib.sha256(body).digest(),
                feedback={
                    "text": words,
                    "metric": Metric.NPS if score is not None else None,
                    "score": score,
                    "author": {"name": "Luis", "email": None, "phone": None, "external_id": "c-7", "verified": True},
                },
            )
        )
        assert accepted.feedback_id is not None
        return accepted.feedback_id

    def process(self) -> None:
        Engine(self.runtime, worker="test").drain("flow")

    def reply(self, *, resolve: bool = False) -> None:
        with self.runtime.db.writing() as session:
            case = session.scalars(select(Case)).one()
            more: Any = {"actor": self.manager, "version": case.version, "now": self.runtime.clock()}
            answer(session, case.id, text="Lo sentimos.", domain="x.test", resolve=resolve, **more)

    def deliver(self) -> None:
        """What the worker does for a sent answer, before anything else that waits."""
        with self.runtime.db.writing() as session:
            answer_sent(session, session.scalars(select(Message)).one(), now=self.runtime.clock())

    def found(self) -> set[str]:
        return {item.check for item in verify(self.runtime, now=self.runtime.clock()).findings}


@pytest.fixture
def desk(runtime: Runtime) -> Desk:
    with runtime.db.writing() as session:
        now = runtime.clock()
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=now)
        user = users.add(session, email="a@x.test", name="Ana", role=RoleName.MANAGER, language="es", now=now)
    with runtime.db.reading() as session:
        view = tokens.find(session, token)
        assert view is not None
        return Desk(runtime, view.channel_id, people.actor_of(session, user.id))


def answered_before_it_was_read(desk: Desk) -> None:
    """The answer goes out while the second complaint has arrived and is not read yet: it does not answer it."""
    desk.say("Malo", 0)
    desk.process()
    desk.say("Sigue malo", 1)
    desk.reply()
    desk.deliver()
    desk.process()


def judged_after_an_answer(desk: Desk) -> None:
    """Somebody judges words to be a complaint that arrived before an answer to another one."""
    desk.say("Malo", 0)
    unsure = desk.say("Ich war gestern im Laden")
    desk.process()
    desk.reply()
    desk.process()
    with desk.runtime.db.writing() as session:
        judge(session, unsure, actor=desk.manager, stance=Stance.DETRACTOR, now=desk.runtime.clock())


def owed_again_while_an_answer_is_on_its_way(desk: Desk) -> None:
    """A stance is corrected away and back while an answer is being sent."""
    said = desk.say("Malo", 0)
    desk.process()
    for stance in (Stance.PASSIVE, Stance.DETRACTOR):
        with desk.runtime.db.writing() as session:
            correct_stance(session, said, actor=desk.manager, stance=stance, now=desk.runtime.clock())
        if stance is Stance.PASSIVE:
            desk.reply()
    desk.process()


def promised_again_on_a_resolved_case(desk: Desk) -> None:
    """The reconciler makes a promise again that somebody deleted; its case had been resolved."""
    desk.say("Malo", 0)
    desk.process()
    desk.reply(resolve=True)
    desk.process()
    with desk.runtime.db.writing() as session:
        session.execute(delete(Obligation))
    reconcile(desk.runtime, desk.runtime.clock())


@pytest.mark.parametrize(
    "story",
    [
        answered_before_it_was_read,
        judged_after_an_answer,
        owed_again_while_an_answer_is_on_its_way,
        promised_again_on_a_resolved_case,
    ],
)
def test_promise_and_clock_agree(desk: Desk, story: Callable[[Desk], None]) -> None:
    story(desk)
    assert desk.found() == set()
