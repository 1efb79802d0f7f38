"""Many deadlines missed at once: each lead gets one notice that lists them, each deadline is on record by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from tests.conftest import worker_of
from tests.controllers import MailServer
from voc.cases import escalate
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric, RoleName, WorkState
from voc.delivery.deadlines import MOST_LISTED
from voc.intake.changing import delete
from voc.intake.incoming import Incoming
from voc.jobs import outbox
from voc.model import Case, Escalation, Feedback, Judgement, Team, User, Work
from voc.pipeline import verify
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import tokens, users


@dataclass
class Post:
    """What the mail server got: (to, subject, text)."""

    mails: list[tuple[str, str, str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos[0], str(mail["Subject"]), mail.get_content()))
        return "250 OK"


@pytest.fixture
def post() -> Iterator[Post]:
    found = Post()
    controller = MailServer(found, hostname="127.0.0.1", port=0)
    controller.start()
    found.port = controller.port  # type: ignore[attr-defined]
    yield found
    controller.stop()


@pytest.fixture
def runtime(settings: Settings, clock: Any, post: Any) -> Iterator[Runtime]:
    """A running house that can send mail."""
    mail = {"smtp_host": "127.0.0.1", "smtp_port": post.port, "mail_from": "voc@aurora.example"}
    own = replace(settings, base_url="https://voc.example", **mail)
    found = open_instance(own, create=False, clock=clock)
    yield found
    found.close()


class House:
    """What is said in it, and who leads its teams."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.work: Callable[[], None] = worker_of(runtime)
        with runtime.db.writing() as session:
            token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
            self.team_id = session.scalars(select(Team.id)).first()
        with runtime.db.reading() as session:
            found = tokens.find(session, token)
        assert found is not None
        self.channel_id = found.channel_id
        self.lead("Eva", "es")

    def lead(self, name: str, language: str, team_id: UUID | None = None) -> None:
        """Give a team its lead."""
        with self.runtime.db.writing() as session:
            user = users.add(
                session, email=f"{name.lower()}@aurora.example", name=name, role=RoleName.MANAGER, language=language,
                now=self.runtime.clock(),
            )  # fmt: skip
            where = Team.id == team_id if team_id else Team.id.is_not(None)
            session.execute(update(Team).where(where).values(lead_id=_id(session, name)))
            assert user is not None

    def say(self, text: str, score: int | None = 0) -> UUID:
        body = text.encode()
        accepted = self.runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=self.channel_id,
                content_type="application/json",
                body=body,
                received_at=self.runtime.clock(),
                content_hash=hashlib.sha256(body).digest(),
                key=None,
                feedback={"text": text, "metric": Metric.NPS if score is not None else None, "score": score},
            )
        )
        assert accepted.feedback_id is not None
        return accepted.feedback_id

    def many(self, count: int) -> None:
        for number in range(count):
            self.say(f"Pésima atención, nunca más vuelvo ({number})")
        self.work()

    def miss(self) -> int:
        """Everything falls due and is told."""
        self.runtime.clock.forward(days=30)  # type: ignore[attr-defined]
        return escalate.sweep(self.runtime, self.runtime.clock())

    def all(self, model: Any) -> list[Any]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model)))


def _id(session: Any, name: str) -> UUID:
    found: UUID = session.scalars(select(User.id).where(User.name == name)).one()
    return found


@pytest.fixture
def house(runtime: Runtime) -> House:
    return House(runtime)


def listed(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def recorded(house: House) -> None:
    """Every case and every judgement is on record as told, deadline by deadline, and nothing else is wrong."""
    rows = house.all(Escalation)
    assert len({(row.subject_id, row.clock, row.due_at) for row in rows}) == len(rows)
    assert {row.case_id for row in rows if row.case_id} == {case.id for case in house.all(Case)}
    assert all(row.told_id is not None for row in rows)
    assert verify.verify(house.runtime, now=house.runtime.clock()).findings == ()


def test_one_is_told_as_ever_with_the_words(house: House, post: Post) -> None:
    house.say("Quizás", None)
    house.work()
    assert [row.decided_at for row in house.all(Judgement)] == [None]
    assert house.miss() == 1
    house.work()
    ((to, subject, text),) = post.mails
    assert (to, subject) == ("eva@aurora.example", "Plazo vencido: un comentario por evaluar")
    assert listed(text) == []
    assert "/feedback/" in text
    recorded(house)


def test_many_are_one_notice_and_each_is_on_record(house: House, post: Post) -> None:
    house.many(5)
    house.say("Quizás", None)
    house.work()
    assert house.miss() == 6
    house.work()
    ((to, subject, text),) = post.mails
    assert (to, subject) == ("eva@aurora.example", "Plazos vencidos: 11")
    lines = listed(text)
    assert len(lines) == 11
    for case in house.all(Case):
        assert len([line for line in lines if f"caso C-{case.number}, " in line]) == 2
        assert f"https://voc.example/cases/{case.id}" in text
    assert lines[-1].startswith("- comentario por evaluar: 2026-")
    assert "https://voc.example/inbox?queue=overdue" in text
    assert "más." not in text
    assert "Pésima" not in text
    recorded(house)


def test_a_long_list_ends_with_how_many_more(house: House, post: Post) -> None:
    house.many(30)
    assert house.miss() == 30
    house.work()
    ((_, subject, text),) = post.mails
    assert subject == "Plazos vencidos: 60"
    assert len(listed(text)) == MOST_LISTED
    assert f"y {60 - MOST_LISTED} más." in text
    assert len(house.all(Escalation)) == 60
    recorded(house)


def test_the_batches_of_one_sweep_are_one_notice(house: House, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalate, "BATCH", 2)
    house.many(7)
    assert house.miss() == 7
    house.work()
    ((_, subject, text),) = post.mails
    assert subject == "Plazos vencidos: 14"
    assert len({line.split(",")[0] for line in listed(text)}) == 7
    recorded(house)


def test_a_second_sweep_tells_nobody_again(house: House, post: Post) -> None:
    house.many(3)
    assert house.miss() == 3
    house.work()
    now = house.runtime.clock()
    assert [escalate.sweep(house.runtime, now) for _ in range(3)] == [0, 0, 0]
    house.work()
    assert len(post.mails) == 1


def test_what_is_missed_while_the_notice_is_on_its_way_is_told_in_another(house: House, post: Post) -> None:
    """The worker has taken the notice when the next batch of the same sweep is written: nothing may be put to it."""
    house.many(4)
    house.runtime.clock.forward(days=30)  # type: ignore[attr-defined]
    now = house.runtime.clock()
    with house.runtime.db.writing() as session:
        session.execute(update(Case).where(Case.number > 2).values(escalate_at=None))
        assert escalate.escalate_due(session, house.runtime.settings, now) == 2
    with house.runtime.db.writing() as session:
        (item,) = outbox.claim(session, lane="slow", worker="other", now=now, limit=1, lease=now - now)
    with house.runtime.db.writing() as session:
        session.execute(update(Case).where(Case.number > 2).values(escalate_at=Case.next_due_at))
        assert escalate.escalate_due(session, house.runtime.settings, now) == 2
    (taken, fresh) = sorted(
        (row for row in house.all(Work) if row.kind == "delivery.notice"), key=lambda row: row.id != item.id
    )
    assert (taken.state, taken.data["variables"]["count"]) == (WorkState.DOING, 4)
    assert (fresh.state, fresh.data["variables"]["count"]) == (WorkState.TODO, 4)
    house.runtime.clock.forward(minutes=5)  # type: ignore[attr-defined]
    house.work()
    assert sorted(subject for _, subject, _ in post.mails) == ["Plazos vencidos: 4"] * 2
    recorded(house)


def test_each_lead_is_told_of_their_own_in_their_language(house: House, post: Post) -> None:
    house.many(4)
    with house.runtime.db.writing() as session:
        team = session.scalars(select(Team)).first()
        assert team is not None
        other = Team(id=new_id(), name="Loja", lead_id=None, created_at=house.runtime.clock())
        session.add(other)
        session.flush()
        session.execute(update(Case).where(Case.number <= 2).values(team_id=other.id))
    house.lead("Bia", "pt", other.id)
    assert house.miss() == 4
    house.work()
    by = {to: (subject, listed(text)) for to, subject, text in post.mails}
    assert len(post.mails) == 2
    assert by["eva@aurora.example"][0] == "Plazos vencidos: 4"
    assert by["bia@aurora.example"][0] == "Prazos vencidos: 4"
    assert {line.split(",")[0] for line in by["bia@aurora.example"][1]} == {"- caso C-1", "- caso C-2"}
    assert {line.split(",")[0] for line in by["eva@aurora.example"][1]} == {"- caso C-3", "- caso C-4"}


def test_the_words_of_a_single_one_are_not_kept_with_the_notice(house: House, post: Post) -> None:
    feedback_id = house.say("Pésima atención del señor Quispe")
    house.work()
    assert house.miss() == 1
    assert "Quispe" not in str([row.data for row in house.all(Work)])
    with house.runtime.db.writing() as session:
        assert delete(session, feedback_id, now=house.runtime.clock())
    house.work()
    ((_, _, text),) = post.mails
    assert "Quispe" not in text
    assert "C-1" in text
    assert [row.text for row in house.all(Feedback)] == [None]
