"""Channels through the whole house, on both databases: fetched, threaded, answered, edited, taken back, come back."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import SetClock, worker_of
from tests.doors.postbox import Box, drop
from voc.app.factory import create_app
from voc.cases import queries as cases
from voc.cases.answer import answer
from voc.core.errors import Invalid, Temporary
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import CaseState, MessageState, ObligationState, ReceiptState, RoleName, Stance, Via
from voc.intake import queries
from voc.intake.channels import add_channel, change_channel, renew_key, set_active
from voc.intake.check import check_soon
from voc.intake.fetch import KIND, fetch_soon, schedule
from voc.intake.read import read_receipts
from voc.intake.replay import replay
from voc.intake.store import store_readings
from voc.jobs import Item
from voc.jobs.engine import Engine
from voc.model import Attachment, Case, Channel, Feedback, Message, Obligation, Receipt, Work
from voc.pipeline.judge import judge
from voc.pipeline.reread import KIND as REREAD
from voc.pipeline.reread import understand_again
from voc.pipeline.verify.run import verify
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import queries as people
from voc.security import users
from voc.security.access import SYSTEM, Actor

SECRET = "open-sesame-7731"


@dataclass
class House:
    """A running house with one channel of kind `postbox`, and its other side."""

    runtime: Runtime
    box: Box
    channel_id: UUID
    agent: Actor
    work: Callable[[], None]

    def fetch(self) -> None:
        """Let the worker look into the box now."""
        with self.runtime.db.writing() as session:
            fetch_soon(session, self.channel_id, now=self.runtime.clock())
        self.work()

    def all(self, model: type[Any]) -> list[Any]:
        """Every row, oldest first."""
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model).order_by(model.id)))

    def channel(self) -> Channel:
        """The channel as it stands."""
        with self.runtime.db.reading() as session:
            return queries.channel_by_id(session, self.channel_id)

    def answer(self, case: Case, text: str = "Ya va en camino.", **how: Any) -> Message:
        """Answer a case at its present version, and let the worker send it."""
        with self.runtime.db.writing() as session:
            present = cases.case_for_update(session, case.id)
            message_id = answer(
                session,
                case.id,
                actor=self.agent,
                text=text,
                version=present.version,
                now=self.runtime.clock(),
                domain="aurora.example",
                **how,
            )
        self.work()
        with self.runtime.db.reading() as session:
            return cases.message_by_id(session, message_id)

    def proved(self) -> None:
        """Nothing is found wrong."""
        assert verify(self.runtime, now=self.runtime.clock()).findings == ()


@pytest.fixture
def house(settings: Settings, clock: SetClock, tmp_path: Path) -> Iterator[House]:
    drop(settings.instance)
    runtime = open_instance(settings, create=False, clock=clock)
    box = Box(tmp_path / "box")
    with runtime.db.writing() as session:
        channel = add_channel(
            session,
            runtime.host,
            kind="postbox",
            name="Post",
            slug="post",
            options={"folder": str(box.folder), "password": SECRET},
            now=runtime.clock(),
            keys=runtime.keys,
        )
        person = users.add(
            session, email="eva@aurora.example", name="Eva", role=RoleName.AGENT, language="es", now=runtime.clock()
        )
    with runtime.db.reading() as session:
        agent = people.actor_of(session, person.id)
    yield House(runtime, box, channel.id, agent, worker_of(runtime))
    runtime.close()


def complain(house: House, external_id: str, text: str = "Llegó roto", **letter: Any) -> None:
    house.box.put(external_id, text=text, metric="csat", score=1, **letter)


def test_pages_are_fetched_with_their_cursor_and_counted_once(house: House) -> None:
    for number in range(5):
        complain(house, f"letter-{number}")
    house.work()
    assert len(house.all(Feedback)) == 5
    assert len(house.all(Case)) == 5
    assert house.channel().cursor == {"after": 5}
    with house.runtime.db.writing() as session:
        session.get_one(Channel, house.channel_id).cursor = None
    house.fetch()
    assert len(house.all(Feedback)) == 5
    assert len(house.all(Receipt)) == 5
    house.proved()


def test_the_same_id_read_twice_is_one_feedback(house: House) -> None:
    complain(house, "twice", sent_at=None)
    complain(house, "twice", sent_at=None, subject="Re")
    house.work()
    assert [item.state for item in house.all(Receipt)] == [ReceiptState.READ, ReceiptState.IGNORED]
    assert len(house.all(Feedback)) == 1
    house.proved()


def test_secrets_are_sealed_and_kept_when_left_empty(house: House) -> None:
    channel = house.channel()
    assert SECRET not in json.dumps(channel.options)
    assert channel.secrets is not None
    assert SECRET.encode() not in channel.secrets
    with house.runtime.db.writing() as session:
        check_soon(session, house.channel_id, now=house.runtime.clock(), actor=SYSTEM)
    house.work()
    assert house.channel().tested_text == f"{SECRET} fits"
    with house.runtime.db.writing() as session:
        change_channel(
            session,
            house.runtime.host,
            house.channel_id,
            name="Buzón",
            options={"folder": str(house.box.folder), "password": ""},
            now=house.runtime.clock(),
            actor=SYSTEM,
            keys=house.runtime.keys,
        )
        check_soon(session, house.channel_id, now=house.runtime.clock(), actor=SYSTEM)
    house.work()
    assert (house.channel().name, house.channel().tested_health) == ("Buzón", "ok")
    with pytest.raises(Invalid), house.runtime.db.writing() as session:
        change_channel(
            session,
            house.runtime.host,
            house.channel_id,
            name="Buzón",
            options={"password": "x", "color": "red"},
            now=house.runtime.clock(),
            actor=SYSTEM,
            keys=house.runtime.keys,
        )


@pytest.mark.parametrize(
    ("trouble", "health", "words"),
    [("later", "warning", "closed"), ("wrong", "failing", "password"), ("crash", "warning", "roof")],
)
def test_trouble_is_the_channels_health_and_nothing_is_lost(
    house: House, clock: SetClock, trouble: str, health: str, words: str
) -> None:
    house.work()
    house.box.trouble(trouble)
    complain(house, "in-the-storm")
    house.fetch()
    channel = house.channel()
    assert (channel.health, words in (channel.health_text or "")) == (health, True)
    assert house.all(Feedback) == []
    assert [row.kind for row in house.all(Work)] == [KIND]
    house.box.trouble(None)
    clock.forward(minutes=16)
    house.work()
    assert len(house.all(Feedback)) == 1
    assert (house.channel().health, house.channel().failures) == ("ok", 0)
    house.proved()


def test_a_channel_that_lost_its_work_gets_it_again(house: House) -> None:
    house.work()
    with house.runtime.db.writing() as session:
        for row in session.scalars(select(Work)):
            session.delete(row)
    schedule(house.runtime, house.runtime.clock())
    schedule(house.runtime, house.runtime.clock())
    assert [row.kind for row in house.all(Work)] == [KIND]
    with house.runtime.db.writing() as session:
        set_active(session, house.channel_id, active=False, now=house.runtime.clock(), actor=SYSTEM)
    complain(house, "nobody is there")
    house.fetch()
    assert house.all(Receipt) == []
    assert house.all(Work) == []


def test_an_answer_goes_out_in_the_channel_and_the_reply_joins_the_case(house: House) -> None:
    complain(house, "first", subject="Mi pedido", author={"handle": "@ana@example"})
    house.work()
    (case,) = house.all(Case)
    message = house.answer(case, resolve=True)
    assert (message.via, message.state, message.recipient) == (Via.CHANNEL, MessageState.SENT, "@ana@example")
    assert house.box.sent == [
        {"text": "Ya va en camino.", "reply_to": {"box": "first"}, "subject": "Re: Mi pedido", "tries": 1}
    ]
    assert [item.state for item in house.all(Obligation)] == [ObligationState.MET]
    assert house.all(Case)[0].state is CaseState.RESOLVED
    house.proved()
    # A friendly word changes nothing; a complaint opens the case again, by the id we sent it under or its own.
    house.box.put("thanks", text="Gracias", metric="csat", score=5, thread=[message.external_id])
    house.fetch()
    assert [item.state for item in house.all(Case)] == [CaseState.RESOLVED]
    complain(house, "again", thread=["unknown", message.header_id.strip("<>")])
    house.fetch()
    (case,) = house.all(Case)
    assert case.state is CaseState.OPEN
    assert {item.case_id for item in house.all(Feedback)} == {case.id}
    assert [item.state for item in house.all(Obligation)] == [ObligationState.MET, ObligationState.OPEN]
    house.proved()


def test_a_reply_in_the_same_page_joins_the_case_of_what_it_answers(house: House) -> None:
    complain(house, "one")
    complain(house, "two", thread=["one"])
    house.work()
    (case,) = house.all(Case)
    assert [item.case_id for item in house.all(Feedback)] == [case.id, case.id]
    assert len(house.all(Obligation)) == 2
    house.proved()


def test_an_answer_that_comes_back_has_answered_nobody(house: House) -> None:
    complain(house, "moved away")
    house.work()
    (case,) = house.all(Case)
    message = house.answer(case, resolve=True)
    house.box.put("x", what="came back", sent_id=message.header_id, reason="5.1.1 no such user")
    house.fetch()
    with house.runtime.db.reading() as session:
        message = cases.message_by_id(session, message.id)
    assert message.state is MessageState.FAILED
    assert message.error == "the message came back: 5.1.1 no such user"
    (case,), (promise,) = house.all(Case), house.all(Obligation)
    assert (case.state, case.first_answered_at) == (CaseState.OPEN, None)
    assert (promise.state, promise.met_at, promise.message_id) == (ObligationState.OPEN, None, None)
    assert [item.state for item in house.all(Receipt)] == [ReceiptState.READ, ReceiptState.NOTICE]
    house.proved()
    house.answer(house.all(Case)[0], "Le llamamos.")
    assert [item.state for item in house.all(Obligation)] == [ObligationState.MET]
    house.proved()


def test_what_came_back_after_a_better_answer_takes_nothing_back(house: House) -> None:
    complain(house, "two addresses")
    house.work()
    first = house.answer(house.all(Case)[0], "Uno")
    house.answer(house.all(Case)[0], "Dos")
    house.box.put("x", what="came back", sent_id=first.header_id)
    house.fetch()
    assert [item.state for item in house.all(Obligation)] == [ObligationState.MET]
    house.proved()


@pytest.mark.parametrize(("trouble", "ends"), [("lost", True), ("later", True), ("never", False)])
def test_an_answer_is_tried_again_under_the_same_id(house: House, clock: SetClock, trouble: str, ends: bool) -> None:
    complain(house, "hard to reach")
    house.work()
    house.box.trouble(trouble)
    message = house.answer(house.all(Case)[0])
    assert message.state is (MessageState.QUEUED if ends else MessageState.FAILED)
    assert [item.state for item in house.all(Obligation)] == [ObligationState.OPEN]
    house.proved()
    house.box.trouble(None)
    clock.forward(minutes=5)
    house.work()
    assert len(house.box.sent) == (1 if ends else 0)
    assert [item.state for item in house.all(Obligation)] == [ObligationState.MET if ends else ObligationState.OPEN]
    house.proved()


def test_new_words_are_understood_anew_and_no_promise_is_lost(house: House) -> None:
    house.box.put("mood", text="The service is excellent and wonderful", language="en")
    complain(house, "sorry", text="Pésimo")
    house.work()
    assert house.all(Case)[0].headline_id == house.all(Feedback)[1].id
    at = house.runtime.clock().isoformat()
    house.box.put("mood", what="edited", text="I will sue you, this is a fraud", edited_at=at)
    house.box.put("sorry", what="edited", text="Excelente", edited_at=at)
    house.fetch()
    mood, sorry = house.all(Feedback)
    assert (mood.text, mood.stance) == ("I will sue you, this is a fraud", Stance.DETRACTOR)
    assert (sorry.text, sorry.stance) == ("Excelente", Stance.DETRACTOR)
    assert mood.case_id is not None
    assert len(house.all(Obligation)) == 2
    house.proved()
    # An older version that comes late, and the same one again, change nothing.
    house.box.put("mood", what="edited", text="Older", edited_at="2020-01-01T00:00:00+00:00")
    house.box.put("mood", what="edited", text="I will sue you, this is a fraud", edited_at=at)
    house.fetch()
    assert house.all(Feedback)[0].text == "I will sue you, this is a fraud"
    house.proved()


def test_words_that_were_taken_back_are_gone_everywhere(house: House, clock: SetClock) -> None:
    complain(house, "regret", text="Sois unos ladronazos", subject="Quejaza", files=[("foto.txt", "huella")])
    house.work()
    assert [item.body for item in house.all(Attachment)] == [b"huella"]
    at = house.runtime.clock().isoformat()
    house.box.put("regret", what="edited", text="Sois unos ladronazos todos", edited_at=at)
    house.fetch()
    house.box.put("regret", what="deleted")
    house.box.put("never seen", what="deleted")
    house.box.put("never seen", what="edited", text="x", edited_at=at)
    house.fetch()
    for _ in range(5):
        clock.forward(minutes=1)
        house.work()
    assert [item.state for item in house.all(Receipt)][2:] == [
        ReceiptState.NOTICE,
        ReceiptState.IGNORED,
        ReceiptState.QUARANTINED,
    ]
    (feedback,) = house.all(Feedback)
    assert (feedback.text, feedback.subject, feedback.deleted_at is not None) == (None, None, True)
    assert [item.state for item in house.all(Obligation)] == [ObligationState.OPEN]
    house.proved()
    with house.runtime.db.reading() as session:
        for table in Feedback.metadata.sorted_tables:
            text = repr(session.execute(select(table)).all())
            assert "ladronazos" not in text, table.name
            assert "huella" not in text, table.name


def test_what_cannot_be_read_waits_and_the_channel_goes_on(house: House) -> None:
    (house.box.folder / "in" / "1.json").write_text("{ this is no letter")
    house.box.written = 1
    complain(house, "right behind")
    house.work()
    assert [item.state for item in house.all(Receipt)] == [ReceiptState.QUARANTINED, ReceiptState.READ]
    assert house.channel().cursor == {"after": 2}
    with house.runtime.db.writing() as session:
        replay(session, house.all(Receipt)[0].id, actor=SYSTEM, now=house.runtime.clock())
    house.work()
    assert [item.state for item in house.all(Receipt)] == [ReceiptState.QUARANTINED, ReceiptState.READ]
    house.proved()


def push(house: House, key: str, body: bytes, **headers: str) -> Any:
    client = create_app(house.runtime)
    from werkzeug.test import Client

    return Client(client).post(f"/in/{key}", data=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def signature(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_a_push_is_stored_once_and_only_with_its_signature(house: House) -> None:
    body = json.dumps({"external_id": "pushed", "text": "Malo", "metric": "nps", "score": 0}).encode()
    key = house.channel().key
    for wrong in ({}, {"X_Signature": "sha256=00"}, {"X_Signature": signature(b"other")}, {"X_Signature": "é"}):
        assert push(house, key, body, **wrong).status_code == 401
    unknown = push(house, "nobody-knows-this", body, X_Signature=signature(body))
    api = push(house, "api", body)
    assert (unknown.status_code, api.status_code) == (404, 404)
    assert unknown.json == api.json
    assert house.all(Receipt) == []
    for _ in range(2):
        assert push(house, key, body, X_Signature=signature(body), X_Id="d1").status_code == 204
    house.work()
    assert [(item.delivery_id, item.state) for item in house.all(Receipt)] == [("d1", ReceiptState.READ)]
    assert [item.score for item in house.all(Feedback)] == [0]
    assert push(house, key, b"refuse", X_Signature=signature(b"refuse")).status_code == 409
    with house.runtime.db.writing() as session:
        fresh = renew_key(session, house.channel_id, now=house.runtime.clock(), actor=SYSTEM)
    assert push(house, key, body, X_Signature=signature(body)).status_code == 404
    assert push(house, fresh, body, X_Signature=signature(body), X_Id="d1").status_code == 204
    assert len(house.all(Receipt)) == 1
    house.proved()


def test_somebody_else_in_the_thread_is_heard_and_does_not_take_the_answer(house: House) -> None:
    complain(house, "ana", author={"email": "ana@customer.example"})
    house.work()
    complain(house, "eve", author={"name": "Ana", "email": "eve@evil.example"}, thread=["ana"])
    house.fetch()
    (case,) = house.all(Case)
    message = house.answer(case)
    assert message.recipient == "ana@customer.example"
    assert [item["reply_to"] for item in house.box.sent] == [{"box": "ana"}]
    complain(house, "ana again", author={"email": "Ana@customer.example"}, thread=["ana"])
    house.fetch()
    assert house.answer(house.all(Case)[0], "Otra vez").recipient == "Ana@customer.example"
    house.proved()


def test_words_that_are_judged_later_join_the_case_of_what_they_answer(house: House) -> None:
    house.box.put("first", text="Ich weiß nicht recht, was ich denken soll")
    house.box.put("second", text="Ich weiß es immer noch nicht", thread=["first"])
    house.work()
    assert house.all(Case) == []
    for feedback in house.all(Feedback):
        with house.runtime.db.writing() as session:
            judge(session, feedback.id, actor=house.agent, stance=Stance.DETRACTOR, now=house.runtime.clock())
        house.work()
    (case,) = house.all(Case)
    assert [item.case_id for item in house.all(Feedback)] == [case.id, case.id]
    house.proved()


def test_new_words_wait_until_the_first_were_understood(house: House) -> None:
    complain(house, "hasty")
    Engine(house.runtime, worker="test").drain("door")
    (receipt,) = house.all(Receipt)
    reading = [Item(new_id(), "intake.read", receipt.id, {}, 1)]
    read = read_receipts(house.runtime, reading)
    with house.runtime.db.writing() as session:
        store_readings(session, house.runtime, list(zip(reading, read, strict=True)))
    (feedback,) = house.all(Feedback)
    assert feedback.processed_at is None
    item = Item(new_id(), REREAD, feedback.id, {}, 1)
    with pytest.raises(Temporary):
        understand_again(house.runtime, [item])
    house.work()
    (again,) = understand_again(house.runtime, [item])
    assert again is not None
    assert again.text == "Llegó roto"
    assert understand_again(house.runtime, [Item(new_id(), REREAD, new_id(), {}, 1)]) == [None]
