"""A house whose manager writes rules, on both databases in turn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from voc.cases import queries as cases
from voc.core.vocabulary import Door, Metric, RoleName
from voc.intake.incoming import Incoming
from voc.model import Case, Feedback, Obligation, RuleRun
from voc.pipeline.verify import verify
from voc.routing import queries
from voc.routing.again import ask_again
from voc.routing.saving import save_rule, switch_rule
from voc.runtime import Runtime
from voc.security import tokens
from voc.security.access import SYSTEM, Actor


class Shop:
    """A house whose customers talk through the API, and whose manager writes rules."""

    def __init__(self, runtime: Runtime, work: Callable[[], None]) -> None:
        self.runtime, self.work, self.count = runtime, work, 0
        with runtime.db.writing() as session:
            token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
        with runtime.db.reading() as session:
            found = tokens.find(session, token)
            ((self.user_id, _name, _teams),) = cases.assignable(session)
        assert found is not None
        self.channel_id = found.channel_id
        self.boss = Actor(user_id=self.user_id, role=RoleName.ADMIN, team_ids=frozenset(), name="boss")

    def say(self, text: str | None, score: int | None = None, *, work: bool = True, **author: Any) -> UUID:
        self.count += 1
        body = repr((text, score, self.count)).encode()
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.channel_id,
                content_type="application/json",
                body=body,
                received_at=self.runtime.clock(),
                content_hash=hashlib.sha256(body).digest(),
                key=None,
                feedback={
                    "text": text,
                    "metric": Metric.NPS if score is not None else None,
                    "score": score,
                    "author": {"name": None, "email": None, "phone": None, "external_id": None, **author}
                    if author
                    else None,
                },
            )
        )
        assert accepted.feedback_id is not None
        if work:
            self.work()
        return accepted.feedback_id

    def rule(self, name: str, condition: str, rule_id: UUID | None = None, /, **more: Any) -> UUID:
        stops = more.pop("stops", False)
        with self.runtime.db.writing() as session:
            return save_rule(
                session,
                rule_id,
                actor=SYSTEM,
                name=name,
                condition=condition,
                actions=more,
                stops=stops,
                now=self.runtime.clock(),
            )

    def get(self, model: Any, key: UUID) -> Any:
        with self.runtime.db.reading() as session:
            return session.get_one(model, key)

    def all(self, model: Any) -> list[Any]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model)))

    def case_of(self, feedback_id: UUID) -> Case | None:
        case_id = self.get(Feedback, feedback_id).case_id
        return self.get(Case, case_id) if case_id else None

    def promise(self, feedback_id: UUID) -> Obligation | None:
        with self.runtime.db.reading() as session:
            return session.scalars(select(Obligation).where(Obligation.feedback_id == feedback_id)).first()

    def matches(self, feedback_id: UUID) -> list[queries.MatchView]:
        with self.runtime.db.reading() as session:
            return queries.matches_of(session, [feedback_id]).get(feedback_id, [])

    def default(self) -> UUID:
        with self.runtime.db.reading() as session:
            found = queries.shipped_rule(session, "detractors")
            assert found is not None
            return found.id

    def switch(self, rule_id: UUID, active: bool) -> None:
        with self.runtime.db.writing() as session:
            switch_rule(session, rule_id, actor=SYSTEM, active=active, now=self.runtime.clock())

    def again(self, **back: float) -> RuleRun:
        with self.runtime.db.writing() as session:
            since = self.runtime.clock() - timedelta(**back) if back else None
            run_id = ask_again(session, actor=SYSTEM, since=since, now=self.runtime.clock())
        self.work()
        return self.get(RuleRun, run_id)

    def proved(self) -> None:
        report = verify(self.runtime, now=self.runtime.clock())
        assert report.findings == ()


@pytest.fixture
def shop(runtime: Runtime, work: Callable[[], None]) -> Shop:
    return Shop(runtime, work)
