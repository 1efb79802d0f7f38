"""The thread through all layers, on both databases: a complaint becomes a case that somebody answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from voc.cases import queries
from voc.cases.answer import answer
from voc.cases.assign import assign
from voc.cases.resolve import resolve
from voc.cases.waive import waive
from voc.core.errors import Conflict, Forbidden
from voc.core.vocabulary import CaseState, Door, Metric, ObligationState, RoleName, Stance
from voc.intake.incoming import Accepted, Incoming
from voc.model import Case, Feedback, Judgement, Obligation
from voc.pipeline.judge import judge
from voc.pipeline.reconcile import reconcile
from voc.runtime import Runtime
from voc.security import queries as people
from voc.security import tokens, users
from voc.security.access import SYSTEM, Actor

Work = Callable[[], None]


@pytest.fixture
def channel_id(runtime: Runtime) -> UUID:
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    return found.channel_id


@pytest.fixture
def agent(runtime: Runtime) -> Actor:
    with runtime.db.writing() as session:
        added = users.add(
            session,
            email="camila@aurora.example",
            name="Camila",
            role=RoleName.AGENT,
            language="es",
            now=runtime.clock(),
        )
    with runtime.db.reading() as session:
        return people.actor_of(session, added.id)


def say(
    runtime: Runtime,
    channel_id: UUID,
    text: str | None,
    score: int | None = None,
    *,
    key: str | None = None,
    external_id: str | None = None,
    email: str | None = None,
) -> Accepted:
    author = {"name": None, "email": email, "phone": None, "external_id": external_id, "verified": bool(external_id)}
    body = repr((text, score)).encode()
    return runtime.writer.accept(
        Incoming(
            door=Door.API,
            channel_id=channel_id,
            content_type="application/json",
            body=body,
            received_at=runtime.clock(),
            content_hash=hashlib.sha256(body).digest(),
            key=runtime.keys.hash("api", channel_id.bytes, key) if key else None,
            feedback={
                "text": text,
                "metric": Metric.NPS if score is not None else None,
                "score": score,
                "author": author if external_id or email else None,
            },
        )
    )


def test_detractor_gets_case_obligation_and_answer(
    runtime: Runtime, channel_id: UUID, agent: Actor, work: Work
) -> None:
    accepted = say(runtime, channel_id, "Pésima atención, nadie responde", 0)
    work()
    with runtime.db.reading() as session:
        page = queries.inbox_page(session, queue="open", viewer=agent, now=runtime.clock())
        view = queries.case_view(session, page.rows[0].id, viewer=agent)
    assert [row.score for row in page.rows] == [0]
    assert view.feedback[0].id == accepted.feedback_id
    assert view.feedback[0].obligation_state is ObligationState.OPEN
    assert view.clocks[0].due_at is not None
    with runtime.db.writing() as session:
        answer(
            session,
            view.id,
            actor=agent,
            text="Lo sentimos.",
            version=view.version,
            now=runtime.clock(),
            domain="voc.test",
            resolve=True,
        )
    work()
    with runtime.db.reading() as session:
        view = queries.case_view(session, view.id, viewer=agent)
    assert view.state is CaseState.RESOLVED
    assert view.owner_id == agent.user_id
    assert view.feedback[0].obligation_state is ObligationState.MET
    assert [message.state for message in view.messages] == ["sent"]


def test_same_key_is_counted_once_and_other_content_is_refused(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    first = say(runtime, channel_id, "Malo", 0, key="k1")
    again = say(runtime, channel_id, "Malo", 0, key="k1")
    assert again.repeated
    assert (again.receipt_id, again.feedback_id) == (first.receipt_id, first.feedback_id)
    with pytest.raises(Conflict):
        say(runtime, channel_id, "Bueno", 10, key="k1")
    work()
    with runtime.db.reading() as session:
        assert len(session.scalars(select(Feedback)).all()) == 1


def test_two_people_may_say_the_same(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    say(runtime, channel_id, "Malo", 0)
    say(runtime, channel_id, "Malo", 0)
    work()
    with runtime.db.reading() as session:
        assert len(session.scalars(select(Case)).all()) == 2


def test_verified_customer_joins_the_open_case(runtime: Runtime, channel_id: UUID, agent: Actor, work: Work) -> None:
    say(runtime, channel_id, "Malo", 1, external_id="c-7")
    work()
    say(runtime, channel_id, "Sigue malo", 0, external_id="c-7")
    say(runtime, channel_id, "Otra persona", 0, external_id="c-8")
    work()
    with runtime.db.reading() as session:
        cases = session.scalars(select(Case).order_by(Case.number)).all()
        assert [case.version for case in cases] == [2, 1]
        view = queries.case_view(session, cases[0].id, viewer=agent)
    assert len(view.feedback) == 2
    assert all(item.obligation_state is ObligationState.OPEN for item in view.feedback)


def test_unverified_address_never_joins(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    say(runtime, channel_id, "Malo", 1, email="ana@example.com")
    work()
    say(runtime, channel_id, "Malo otra vez", 1, email="ana@example.com")
    work()
    with runtime.db.reading() as session:
        assert len(session.scalars(select(Case)).all()) == 2


def test_old_version_cannot_answer(runtime: Runtime, channel_id: UUID, agent: Actor, work: Work) -> None:
    say(runtime, channel_id, "Malo", 1)
    work()
    with runtime.db.reading() as session:
        case = session.scalars(select(Case)).one()
    with runtime.db.writing() as session:
        assign(session, case.id, actor=agent, owner_id=agent.user_id, version=1, now=runtime.clock())
    with pytest.raises(Conflict), runtime.db.writing() as session:
        answer(session, case.id, actor=agent, text="Hola", version=1, now=runtime.clock(), domain="voc.test")


def test_case_with_open_promise_is_not_resolved(runtime: Runtime, channel_id: UUID, agent: Actor, work: Work) -> None:
    say(runtime, channel_id, "Malo", 1)
    work()
    with runtime.db.reading() as session:
        case = session.scalars(select(Case)).one()
        obligation = session.scalars(select(Obligation)).one()
    with pytest.raises(Conflict), runtime.db.writing() as session:
        resolve(session, case.id, actor=agent, version=1, now=runtime.clock())
    with pytest.raises(Forbidden), runtime.db.writing() as session:
        waive(session, obligation.id, actor=agent, reason="spam", now=runtime.clock())
    with runtime.db.writing() as session:
        waive(session, obligation.id, actor=SYSTEM, reason="spam", now=runtime.clock())
    with runtime.db.writing() as session:
        resolve(session, case.id, actor=agent, version=2, now=runtime.clock())
    with runtime.db.reading() as session:
        assert session.get_one(Case, case.id).state is CaseState.RESOLVED


def test_unknown_is_judged_by_a_person(runtime: Runtime, channel_id: UUID, agent: Actor, work: Work) -> None:
    accepted = say(runtime, channel_id, "Ich war gestern im Laden")
    work()
    with runtime.db.reading() as session:
        feedback = session.scalars(select(Feedback)).one()
        assert feedback.stance is Stance.UNKNOWN
        assert session.scalars(select(Judgement)).one().decided_at is None
    assert accepted.feedback_id is not None
    with runtime.db.writing() as session:
        judge(session, accepted.feedback_id, actor=agent, stance=Stance.DETRACTOR, now=runtime.clock())
    with pytest.raises(Conflict), runtime.db.writing() as session:
        judge(session, accepted.feedback_id, actor=agent, stance=Stance.PASSIVE, now=runtime.clock())
    with runtime.db.reading() as session:
        assert session.scalars(select(Obligation)).one().state is ObligationState.OPEN
        assert session.scalars(select(Judgement)).one().decision == "detractor"


def test_reconciler_finds_nothing_after_work(runtime: Runtime, channel_id: UUID, work: Work) -> None:
    for score in range(11):
        say(runtime, channel_id, f"texto {score}", score)
    work()
    assert reconcile(runtime, runtime.clock()).total == 0
    with runtime.db.reading() as session:
        assert len(session.scalars(select(Obligation)).all()) == 7
