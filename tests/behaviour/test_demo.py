"""The demo, on both databases: a believable house, filled once however often it is started or interrupted."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from voc.core.errors import Busy
from voc.core.settings import load
from voc.core.vocabulary import (
    CaseState,
    InvitationState,
    MessageState,
    ObligationState,
    ReceiptState,
    Stance,
    Via,
    WorkState,
)
from voc.insights import queries as rollups
from voc.insights.days import day_of
from voc.insights.emerging.keeping import begin, keep_phrases
from voc.insights.emerging.page import look_at, standouts
from voc.insights.recount import recount
from voc.insights.rollups import roll_up, work_off
from voc.intake.queries import form_channel
from voc.intake.submit import submit
from voc.jobs.engine import Engine
from voc.model import (
    Case,
    CaseEvent,
    Channel,
    ContactPoint,
    Customer,
    DeliveryKey,
    Escalation,
    Feedback,
    FeedbackEdit,
    House,
    Identity,
    Invitation,
    Judgement,
    Message,
    Note,
    Obligation,
    PossibleDuplicate,
    Receipt,
    Rule,
    RuleMatch,
    RuleVersion,
    Suppression,
    Team,
    TeamMember,
    ThreadName,
    User,
    Work,
)
from voc.pipeline.reconcile import reconcile
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.runtime.demo import patience, queries
from voc.runtime.demo.data import PREFIX, Demo, Voice
from voc.runtime.demo.loader import fill_demo
from voc.runtime.demo.reading import read_demo
from voc.runtime.instance import open_instance
from voc.security import queries as people
from voc.security.access import SYSTEM

TABLES = (
    Receipt, DeliveryKey, Feedback, FeedbackEdit, Case, CaseEvent, Obligation, Judgement, Message, Note, User, Team,
    TeamMember, Channel, Escalation, Customer, Identity, ContactPoint, Invitation, Suppression, Rule, RuleVersion,
    RuleMatch, ThreadName,
)  # fmt: skip

# The newest of it is a believable house too, and a quick one.
RECENT = read_demo(limit=50)
FEW = read_demo(limit=24)


@contextmanager
def working(runtime: Runtime) -> Iterator[Engine]:
    """The worker's engine at work beside the loader, as in `voc serve`."""
    found = Engine(runtime, worker="test")
    runtime.wake = found.wake
    thread = threading.Thread(target=found.run)
    thread.start()
    try:
        yield found
    finally:
        found.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture
def engine(runtime: Runtime) -> Iterator[Engine]:
    with working(runtime) as found:
        yield found


def counts(runtime: Runtime) -> dict[str, int]:
    """Rows of every table that the demo writes."""
    with runtime.db.reading() as session:
        return {
            table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        }


def test_recent_days_are_a_believable_house(runtime: Runtime, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    believable(runtime, engine, RECENT)
    assert "demo is complete" in caplog.text
    assert "mailed" not in caplog.text, "nobody was told of the past by mail, and none was held back"


@pytest.mark.slow
def test_whole_demo_is_a_believable_house(runtime: Runtime, engine: Engine) -> None:
    demo = read_demo()
    believable(runtime, engine, demo)
    threads(runtime, demo)
    mentions(runtime)
    surveys(runtime, demo)
    customers(runtime, demo)
    rules(runtime, demo)
    said_more_than_usual(runtime)


def believable(runtime: Runtime, engine: Engine, demo: Demo) -> None:
    """Fill the house with `demo` and look at every side of it."""
    fill_demo(runtime, threading.Event(), demo)
    engine.stop()
    now = runtime.clock()
    with runtime.db.reading() as session:
        house = session.get_one(House, 1)
        feedback = session.scalars(select(Feedback)).all()
        cases = session.scalars(select(Case)).all()
        promises = Counter(session.scalars(select(Obligation.state)))
        messages = session.scalars(select(Message)).all()
        judging = session.scalars(select(Judgement)).all()
        told = session.scalars(select(Escalation)).all()
        notes = session.scalars(select(Note)).all()
        works = session.execute(select(Work.kind, Work.state)).all()
        states = Counter(session.scalars(select(Receipt.state)))
    spoken = [voice for voice in demo.voices if voice.robot is None]
    assert (house.name, house.short_name, house.language) == ("Almacenes Aurora", "Aurora", "es")
    assert house.demo_done == house.demo_total
    assert len(feedback) == len(spoken) == states[ReceiptState.READ]
    assert states[ReceiptState.STORED] == states[ReceiptState.QUARANTINED] == states[ReceiptState.IGNORED] == 0
    assert {item.stance for item in feedback} == set(Stance)
    assert all(item.processed_at is not None for item in feedback)
    assert [f.score for f in feedback if f.score == 0], "an answered 0 stays 0"
    assert sum(f.score is None for f in feedback) == sum(v.score is None for v in spoken)
    assert {case.state for case in cases} == {CaseState.OPEN, CaseState.RESOLVED}
    assert promises[ObligationState.MET] >= len({reply.key for reply in demo.replies}) - 1
    assert promises[ObligationState.WAIVED] >= len(demo.waivers)
    assert promises[ObligationState.OPEN] >= 5
    assert any(case.next_due_at and case.next_due_at < now for case in cases), "somebody waits too long"
    assert any(case.next_due_at and case.next_due_at > now for case in cases)
    open_cases = [case for case in cases if case.state is CaseState.OPEN]
    assert any(case.owner_id is None for case in open_cases)
    assert any(case.owner_id and not case.first_answered_at for case in open_cases)
    assert any(case.escalated_at for case in open_cases)
    assert len({case.team_id for case in cases}) == len(demo.teams)
    assert sum(item.decided_at is None for item in judging) >= 1
    assert len(messages) == len(demo.replies)
    assert {message.state for message in messages} <= {MessageState.SENT, MessageState.FAILED}
    assert all(message.attempts == 0 for message in messages), "no answer of the demo leaves the house"
    assert not {kind for kind, _ in works} & {"delivery.send", "delivery.notice", "surveys.send", "intake.fetch"}
    assert not [kind for kind, state in works if state is WorkState.QUARANTINED]
    waiting = [item for item in demo.held if item.reason]
    assert len(notes) == len(demo.notes) + len(demo.recoveries) + len(waiting)
    assert all(item.created_at == item.due_at for item in told), "each lead was told when it happened"
    assert all(case.opened_at < now - timedelta(minutes=10) for case in cases)
    alarms_are_right(feedback, heard(runtime), demo)
    assert reconcile(runtime, now).total == 0
    report = verify(runtime, now=now)
    assert report.ok, [finding for finding in report.findings if finding.count]


def heard(runtime: Runtime) -> dict[UUID, str]:
    """The key of the voice by the id of its feedback."""
    with runtime.db.reading() as session:
        rows = session.execute(
            select(Feedback.id, Receipt.delivery_id, Invitation.batch_id)
            .join(Receipt, Receipt.id == Feedback.receipt_id)
            .outerjoin(Invitation, Invitation.receipt_id == Receipt.id)
        ).all()
    asked = {uuid5(NAMESPACE_OID, f"demo {voice.key}"): voice.key for voice in read_demo().voices}
    return {key: asked.get(batch) or (said or "").removeprefix(PREFIX) for key, said, batch in rows}


def alarms_are_right(feedback: Sequence[Feedback], keys: dict[UUID, str], demo: Demo) -> None:
    voices = {voice.key: voice for voice in demo.voices}
    seen = {keys[item.id]: item.stance for item in feedback}

    def wrong(right: Callable[[Stance | None], bool], said: Stance) -> list[Voice]:
        return [voices[key] for key, stance in seen.items() if stance is said and not right(voices[key].by_a_person())]

    alarms = wrong(lambda stance: stance is Stance.DETRACTOR, Stance.DETRACTOR)
    assert all(voice.hours_ago < 72 for voice in alarms), "older false alarms were taken back"
    for stance in (Stance.PASSIVE, Stance.PROMOTER):
        missed = wrong(lambda real: real is not Stance.DETRACTOR, stance)
        assert not missed, "what the machine missed, whoever answered saw"


def case_of(session: Session, key: str) -> Case:
    """The case of the voice `key`."""
    feedback = feedback_of(session, key)
    assert feedback.case_id is not None
    return session.get_one(Case, feedback.case_id)


def feedback_of(session: Session, key: str) -> Feedback:
    """The feedback of the voice `key`, which came in under its own name."""
    return session.scalars(
        select(Feedback).join(Receipt, Receipt.id == Feedback.receipt_id).where(Receipt.delivery_id == PREFIX + key)
    ).one()


def threads(runtime: Runtime, demo: Demo) -> None:
    """Mail stays in its conversation, and what a machine wrote is nobody's feedback."""
    with runtime.db.reading() as session:
        for voice in demo.voices:
            if voice.door == "email" and voice.reply_to and voice.robot is None:
                first, again = feedback_of(session, voice.reply_to), feedback_of(session, voice.key)
                assert first.case_id is not None
                assert again.case_id == first.case_id, voice.key
                assert ">" not in (again.text or ""), "what was quoted is not said again"
        first = case_of(session, "e001")
        answer = session.scalars(select(Message).where(Message.case_id == first.id)).first()
        assert answer is not None
        assert (answer.via, answer.recipient) == (Via.CHANNEL, "teofilo.anccasi@correo.example")
        robots = session.scalars(select(Receipt.reason).where(Receipt.state == ReceiptState.ROBOT)).all()
        assert len(robots) == 4
        case = case_of(session, "f065")
        answers = session.scalars(select(Message).where(Message.case_id == case.id).order_by(Message.created_at)).all()
        assert [message.state for message in answers] == [MessageState.FAILED, MessageState.SENT]
        assert answers[0].error == "the message came back: the mailbox is full (5.2.2)"
        assert answers[0].bounced_at is not None
        assert answers[0].created_at < answers[0].bounced_at < answers[1].created_at
        assert case.state is CaseState.RESOLVED
        assert case.first_answered_at == answers[1].sent_at
        report = session.scalars(select(Receipt).where(Receipt.delivery_id == PREFIX + "r004")).one()
        assert report.state is ReceiptState.NOTICE


def mentions(runtime: Runtime) -> None:
    """Later words take the place of the first ones, and what was taken back is gone."""
    with runtime.db.reading() as session:
        edited, gone = feedback_of(session, "m021"), feedback_of(session, "m019")
        assert "casi 1x1" in (edited.text or "")
        assert edited.edited_at is not None
        assert edited.edited_at - edited.received_at < timedelta(hours=1)
        assert gone.text is None
        assert gone.deleted_at is not None
        assert gone.deleted_at - gone.received_at < timedelta(hours=5)
        assert edited.reach == 930
        assert feedback_of(session, "m027").answers_id == feedback_of(session, "m026").id, "said to somebody's words"
        sent = session.scalars(select(Message).where(Message.case_id == case_of(session, "m026").id)).all()
        assert {message.recipient for message in sent} == {"@limaenfila@social.example"}


def surveys(runtime: Runtime, demo: Demo) -> None:
    """Every answer had an invitation; others were not answered, not sent, or not wanted."""
    with runtime.db.reading() as session:
        states = Counter(session.scalars(select(Invitation.state)))
        assert states[InvitationState.ANSWERED] == sum(voice.door == "survey" for voice in demo.voices)
        for state in (InvitationState.SENT, InvitationState.EXPIRED, InvitationState.REFUSED, InvitationState.FAILED):
            assert states[state] > 0, state
        assert not states[InvitationState.PLANNED] + states[InvitationState.SENDING]
        assert session.scalars(select(Suppression)).all()
        assert not session.scalars(select(Invitation.next_at).where(Invitation.next_at.is_not(None))).all()


def customers(runtime: Runtime, demo: Demo) -> None:
    """Customers come back through other doors, and nobody is two customers."""
    with runtime.db.reading() as session:
        profiles = {item.name: item for item in session.scalars(select(Customer)) if item.segment}
        doors: dict[UUID, set[str]] = {}
        for customer_id, kind in session.execute(
            select(Feedback.customer_id, Channel.kind).join(Channel, Channel.id == Feedback.channel_id)
        ):
            if customer_id is not None:
                doors.setdefault(customer_id, set()).add(kind)
        pairs = session.scalars(select(PossibleDuplicate)).all()
        began = queries.started_at(session, demo.brand["name"])
        late = session.scalars(select(Customer.id).where(Customer.created_at > began)).all()
    assert set(profiles) == {customer.name for customer in demo.customers}
    first = profiles["Graciela Ponce de la Vega"]
    assert (first.segment, first.value, first.preferred_channel) == ("Club Aurora Oro", 8460, "phone")
    assert sum(len(kinds) > 1 for kinds in doors.values()) >= 20
    assert pairs == []
    assert late == [], "they are known since they first spoke"


def said_more_than_usual(runtime: Runtime) -> None:
    """The week in which the orders did not come stands out, and the app that fails after it; the counts are proved."""
    for _ in range(2):
        roll_up(runtime, runtime.clock())
        work_off(runtime)
        begin(runtime, runtime.clock())
    assert keep_phrases(runtime, runtime.clock())
    with runtime.db.reading() as session:
        today = day_of(runtime.clock(), rollups.zone(session))
        found = standouts(session, today - timedelta(days=27), today)
        wrong_week = next(it for it in found if "pedido" in it.finding.phrases)
        look = look_at(session, viewer=SYSTEM, today=today, day=wrong_week.day)
    assert any("app" in it.finding.phrases for it in found)
    orders = next(it for it in look.found if "pedido" in it.finding.phrases)
    assert orders.finding.n > 3 * orders.finding.expected
    assert orders.finding.unhappy * 2 > orders.finding.people, "most of them are unhappy"
    assert len(orders.doors) > 1
    assert orders.examples
    assert recount(runtime, runtime.clock()).difference == 0


def rules(runtime: Runtime, demo: Demo) -> None:
    """Every rule of the house acted, and tells somebody only from now on."""
    with runtime.db.reading() as session:
        versions = session.execute(
            select(RuleVersion.name, RuleVersion.number, RuleVersion.actions, func.count(RuleMatch.id))
            .outerjoin(RuleMatch, RuleMatch.rule_version_id == RuleVersion.id)
            .group_by(RuleVersion.id)
        ).all()
    acted = {(name, number): n for name, number, _, n in versions}
    assert all(acted[rule["name"], 1] > 2 for rule in demo.rules)
    telling = {(name, number) for name, number, actions, _ in versions if actions.get("notify")}
    assert telling == {(rule["name"], 2) for rule in demo.rules if rule.get("tells_lead")}
    assert all(acted[place] == 0 for place in telling)


def test_twice_is_once(runtime: Runtime, engine: Engine) -> None:
    fill_demo(runtime, threading.Event(), FEW)
    before = counts(runtime)
    fill_demo(runtime, threading.Event(), FEW)
    assert counts(runtime) == before
    with runtime.db.reading() as session:
        admin = people.first_admin(session)
        assert admin is not None
        assert admin.email == "admin@localhost", "the first administrator stays"
        for slug in ("aurora", "entrega"):
            form = form_channel(session, slug)
            assert form is not None
            assert form.form["languages"] == ["es", "pt", "en"]
        assert session.scalars(select(Channel.health)).all() == ["ok"] * 11
        assert not session.scalars(select(User).where(User.password.is_not(None))).all()


@pytest.fixture(scope="module")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Counts of a demo that was never interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "instance"
    shutil.copytree(sqlite_template, folder)
    at = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
    runtime = open_instance(load({}, instance=folder), create=False, clock=lambda: at)
    with working(runtime):
        fill_demo(runtime, threading.Event(), FEW)
    found = counts(runtime)
    runtime.close()
    return found


@pytest.mark.slow
def test_interrupted_anywhere_it_goes_on(
    runtime: Runtime, engine: Engine, whole: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader dies right after a step was written, a little later each time, and is started again."""
    patiently: Callable[..., object] = patience.patiently
    runs, steps = 0, 0

    class Died(Exception):
        pass

    def deadly(*arguments: object) -> object:
        nonlocal steps
        result = patiently(*arguments)
        steps += 1
        if steps == 2 * runs:
            raise Died
        return result

    monkeypatch.setattr(patience, "patiently", deadly)
    for runs in range(1, 30):  # noqa: B007
        steps = 0
        try:
            fill_demo(runtime, threading.Event(), FEW)
            break
        except Died:
            continue
    assert 4 < runs < 29
    assert counts(runtime) == whole


@pytest.mark.slow
def test_stopped_it_ends_and_goes_on(runtime: Runtime, engine: Engine, whole: dict[str, int]) -> None:
    for after in (2, 3):
        stop, seen = threading.Event(), 0

        def wake(stop: threading.Event = stop, after: int = after) -> None:
            nonlocal seen
            engine.wake()
            seen += 1
            if seen == after:
                stop.set()

        runtime.wake = wake
        fill_demo(runtime, stop, FEW)
        with runtime.db.reading() as session:
            house = session.get_one(House, 1)
        assert house.demo_done is not None
        assert house.demo_total is not None
        assert house.demo_done < house.demo_total
    runtime.wake = engine.wake
    fill_demo(runtime, threading.Event(), FEW)
    assert counts(runtime) == whole


def test_what_cannot_be_is_left_out(sqlite_runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    """A voice that nobody can read, an answer that cannot be given: the rest of the demo is there."""
    answered = {reply.key for reply in FEW.replies}
    unread = next(voice for voice in FEW.voices if voice.door == "form" and voice.key in answered)
    first = next(reply for reply in FEW.replies if reply.key != unread.key)
    demo = replace(
        FEW,
        voices=tuple(
            replace(voice, score=99, stance="detractor") if voice is unread else voice for voice in FEW.voices
        ),
        replies=tuple(replace(reply, text="a" * 20_001) if reply is first else reply for reply in FEW.replies),
    )
    with working(sqlite_runtime):
        fill_demo(sqlite_runtime, threading.Event(), demo)
    lost = {reply for reply in FEW.replies if reply.key == unread.key} | {first}
    with sqlite_runtime.db.reading() as session:
        house = session.get_one(House, 1)
        assert house.demo_done == house.demo_total
        states = Counter(session.scalars(select(Receipt.state)))
        assert states[ReceiptState.QUARANTINED] == 1
        assert len(session.scalars(select(Message)).all()) == len(FEW.replies) - len(lost)
    assert "could not be read" in caplog.text
    assert "left out" in caplog.text


def test_house_of_another_version_stays_as_it_is(sqlite_runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    sqlite_runtime.wake = stop.set
    fill_demo(sqlite_runtime, stop, FEW)
    before = counts(sqlite_runtime)
    fill_demo(sqlite_runtime, threading.Event(), replace(FEW, replies=FEW.replies[:-1]))
    assert counts(sqlite_runtime) == before
    with sqlite_runtime.db.reading() as session:
        house = session.get_one(House, 1)
        assert house.demo_done == house.demo_total, "nobody waits for the rest"
    assert "another version" in caplog.text


def test_somebodys_own_house_is_left_alone(runtime: Runtime, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with runtime.db.reading() as session:
        form = form_channel(session, "feedback")
    assert form is not None
    submit(
        runtime.writer, runtime.keys, channel_id=form.id, submission_id="own", form_version=form.form_version,
        language="es", values={"text": "Malo"}, now=runtime.clock(),
    )  # fmt: skip
    before = counts(runtime)
    fill_demo(runtime, threading.Event())
    after = counts(runtime)
    assert (after["receipt"], after["user"], after["channel"]) == (1, before["user"], before["channel"])
    assert "leaves it alone" in caplog.text


def test_busy_database_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, tries = threading.Event(), 0
    monkeypatch.setattr(stop, "wait", lambda _seconds: False)

    def busy() -> str:
        nonlocal tries
        tries += 1
        if tries < 5:
            raise Busy
        return "done"

    assert patience.patiently(stop, busy) == "done"
