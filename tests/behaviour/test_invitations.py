"""Invitations on their way: a real mail server on loopback, the real engine, both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from tests.conftest import SetClock
from tests.controllers import MailServer
from voc.core.errors import Forbidden, NotFound
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import InvitationState as State
from voc.core.vocabulary import RoleName, WorkState
from voc.delivery.outcome import ABANDONED, NOT_CONFIGURED
from voc.intake.channels import add_channel
from voc.jobs.engine import Engine
from voc.model import Channel, Invitation, Suppression, Work
from voc.net.smtp import Reason
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security.access import Actor
from voc.surveys import answering, feed, queries, upkeep
from voc.surveys import policy as contact
from voc.surveys.inviting import Preview, invite, preview
from voc.surveys.leaving import leave
from voc.surveys.people import Person
from voc.surveys.token import read_token


@dataclass
class Post:
    """What the mail server says to whom, and what it took. `script`: one entry a mail, by recipient or for anybody."""

    mails: list[Any] = field(default_factory=list)
    refuse: dict[str, list[str]] = field(default_factory=dict)
    cut: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if script := self.refuse.get(address):
            return script.pop(0) if len(script) > 1 else script[0]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.cut:
            self.cut -= 1
            server.transport.abort()
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        return [mail["To"].addresses[0].addr_spec for mail in self.mails]

    def tokens(self) -> list[str]:
        return [re.search(r"/u/([\w-]+)", mail["List-Unsubscribe"])[1] for mail in self.mails]  # type: ignore[index]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def server(post: Post) -> Iterator[MailServer]:
    controller = MailServer(post, hostname="127.0.0.1", port=0)
    controller.start()
    yield controller
    controller.stop()


@dataclass
class House:
    """A running house with a survey, and its mail server."""

    runtime: Runtime
    clock: SetClock
    post: Post
    channel: UUID

    def survey(self, slug: str, **options: Any) -> UUID:
        with self.runtime.db.writing() as session:
            channel = add_channel(
                session, self.runtime.host, kind="survey", name=slug, slug=slug, options=options, now=self.clock()
            )
        self.work()
        return channel.id

    def invite(self, *addresses: str, channel: UUID | None = None, **more: Any) -> int:
        people = [Person(address, name=address.partition("@")[0]) for address in addresses]
        with self.runtime.db.writing() as session:
            return invite(
                session, self.runtime.keys, self.runtime.settings,
                channel_id=channel or self.channel, people=people, now=self.clock(), **more,
            )  # fmt: skip

    def preview(self, *addresses: str) -> Preview:
        with self.runtime.db.reading() as session:
            return preview(
                session, self.runtime.keys, self.runtime.settings, people=[Person(it) for it in addresses],
                now=self.clock(),
            )  # fmt: skip

    def work(self) -> None:
        engine = Engine(self.runtime, worker="test")
        for _ in range(60):
            if not engine.drain("flow") + engine.drain("slow"):
                return

    def pass_time(self, **amount: float) -> None:
        """Time goes by, and everything that comes round comes round."""
        self.clock.forward(**amount)
        upkeep.keep_up(self.runtime, self.clock())
        upkeep.let_go(self.runtime, self.clock())
        self.work()

    def all(self) -> list[Invitation]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(Invitation).order_by(Invitation.id)))

    def states(self) -> list[State]:
        return [it.state for it in self.all()]

    def answer(self, it: Invitation, score: int = 9) -> None:
        runtime = self.runtime
        with runtime.db.reading() as session:
            asked = queries.asked(session, it.id)
        assert asked is not None
        accepted = answering.give_score(
            runtime.writer, runtime.keys, channel_id=it.channel_id, submission_id=answering.submission_of(it.id),
            form_version=1, language="es", values={"score": score, "score.metric": "nps"}, now=self.clock(),
            asked=asked,
        )  # fmt: skip
        with runtime.db.writing() as session:
            answering.mark_answered(session, it.id, receipt_id=accepted.receipt_id, at=self.clock())

    def unsubscribe(self, it: Invitation) -> None:
        with self.runtime.db.writing() as session:
            leave(session, it.id, now=self.clock())

    def sound(self) -> None:
        """Nothing that must be true is broken."""
        assert verify(self.runtime, now=self.clock()).findings == ()


def opened(settings: Settings, clock: SetClock, server: MailServer, post: Post, **changes: Any) -> House:
    wanted = replace(
        settings,
        **{
            "base_url": "https://voz.aurora.example",
            "mail_from": "Aurora <ayuda@aurora.example>",
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_timeout": 5.0,
            **changes,
        },
    )
    house = House(open_instance(wanted, create=False, clock=clock), clock, post, new_id())
    house.channel = house.survey("nps")
    return house


@pytest.fixture
def house(settings: Settings, clock: SetClock, server: MailServer, post: Post) -> Iterator[House]:
    found = opened(settings, clock, server, post)
    yield found
    found.runtime.close()


@pytest.fixture
def sqlite_house(sqlite_settings: Settings, clock: SetClock, server: MailServer, post: Post) -> Iterator[House]:
    found = opened(sqlite_settings, clock, server, post)
    yield found
    found.runtime.close()


# ——— The usual way


def test_from_a_list_to_the_last_reminder(house: House, post: Post) -> None:
    assert house.invite("ana@correo.example", "eva@correo.example") == 2
    house.work()
    assert sorted(post.recipients) == ["ana@correo.example", "eva@correo.example"]
    assert house.states() == [State.SENT, State.SENT]
    (eva,) = [it for it in house.all() if it.email.startswith("eva")]
    house.answer(eva, 10)
    for days, mails in ((2, 2), (1, 3), (3, 3), (1, 4), (20, 4)):
        house.pass_time(days=days)
        assert len(post.mails) == mails, days
    assert post.recipients[2:] == ["ana@correo.example"] * 2
    ids = [mail["Message-ID"] for mail in post.mails]
    assert len(set(ids)) == 4
    assert len({mail["Subject"] for mail in post.mails}) == 2
    house.pass_time(days=10)
    assert sorted(house.states()) == [State.ANSWERED, State.EXPIRED]
    house.sound()


def test_the_link_in_the_mail_is_that_of_the_invitation(house: House, post: Post) -> None:
    house.invite("ana@correo.example")
    house.work()
    (it,) = house.all()
    (token,) = post.tokens()
    assert read_token(house.runtime.keys, token) == it.id
    body = post.mails[0].get_body(("plain",)).get_content()
    assert f"https://voz.aurora.example/s/{token}?score=0" in body
    assert it.reason is None


def test_who_answers_or_leaves_is_not_reminded(house: House, post: Post) -> None:
    house.invite("ana@correo.example", "eva@correo.example", "luz@correo.example")
    house.work()
    ana, eva, _luz = house.all()
    house.answer(ana)
    house.unsubscribe(eva)
    house.pass_time(days=3)
    assert post.recipients[3:] == ["luz@correo.example"]
    states = {it.email: (it.state, it.mails, it.reason) for it in house.all()}
    assert states["eva@correo.example"] == (State.SENT, 1, contact.UNSUBSCRIBED)
    house.pass_time(days=4)
    assert post.recipients[4:] == ["luz@correo.example"]
    house.sound()


def test_a_work_row_that_is_late_sends_nothing_after_the_answer(house: House, post: Post) -> None:
    """Answered between the moment a reminder was queued and the moment it is taken up."""
    house.invite("ana@correo.example")
    house.work()
    house.clock.forward(days=3)
    upkeep.let_go(house.runtime, house.clock())
    house.answer(house.all()[0])
    house.work()
    assert len(post.mails) == 1
    assert house.states() == [State.ANSWERED]


# ——— The contact policy


def test_one_person_is_asked_once_in_thirty_days_whichever_survey(house: House, post: Post) -> None:
    other = house.survey("csat", metric="csat")
    house.invite("ana@correo.example")
    house.work()
    house.invite("ANA@correo.example", "eva@correo.example", channel=other)
    house.work()
    assert post.recipients == ["ana@correo.example", "eva@correo.example"]
    refused = next(it for it in house.all() if it.state is State.REFUSED)
    assert refused.reason == f"{contact.RECENTLY}: 2026-03-04"
    shown = house.preview("ana@correo.example", "eva@correo.example", "luz@correo.example")
    assert (shown.may, shown.by_reason()) == (1, {contact.RECENTLY: 2})
    house.pass_time(days=30)
    house.invite("ana@correo.example", channel=other)
    house.work()
    assert post.recipients.count("ana@correo.example") >= 2
    house.sound()


def test_the_same_address_twice_at_once_is_asked_once(house: House, post: Post) -> None:
    for _ in range(3):
        house.invite("ana@correo.example", batch_id=new_id())
    house.work()
    assert post.recipients == ["ana@correo.example"]
    assert sorted(house.states()) == [State.REFUSED, State.REFUSED, State.SENT]


def test_the_same_list_again_invites_nobody(house: House) -> None:
    batch = new_id()
    assert house.invite("ana@correo.example", batch_id=batch) == 1
    assert house.invite("ana@correo.example", batch_id=batch) == 0
    assert len(house.all()) == 1


def test_who_left_is_not_asked_by_any_survey_and_however_it_is_written(house: House, post: Post) -> None:
    house.invite("ana@correo.example")
    house.work()
    house.unsubscribe(house.all()[0])
    house.unsubscribe(house.all()[0])
    house.clock.forward(days=60)
    house.invite("Ana@CORREO.example")
    house.work()
    assert len(post.mails) == 1
    assert house.all()[-1].reason == contact.UNSUBSCRIBED
    assert house.preview("ana@correo.example").by_reason() == {contact.UNSUBSCRIBED: 1}
    with house.runtime.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Suppression)) == 1
    house.sound()


def test_a_failed_mail_does_not_keep_others_from_asking(house: House, post: Post) -> None:
    post.refuse["ana@correo.example"] = ["550 no such mailbox"]
    house.invite("ana@correo.example")
    house.work()
    (it,) = house.all()
    assert (it.state, it.mails, it.asked_at) == (State.FAILED, 0, None)
    assert str(it.reason).startswith(Reason.RECIPIENT_REFUSED)
    post.refuse.clear()
    house.invite("ana@correo.example")
    house.work()
    assert post.recipients == ["ana@correo.example"]
    house.sound()


def test_nobody_is_mailed_at_night_or_on_a_holiday(house: House, post: Post) -> None:
    house.clock.forward(hours=11)  # nine in the evening in Lima
    house.invite("ana@correo.example")
    house.work()
    assert post.mails == []
    (it,) = house.all()
    assert (it.state, it.next_at.astimezone(it.next_at.tzinfo).hour if it.next_at else None) == (State.PLANNED, 14)
    house.pass_time(hours=11, minutes=59)
    assert post.mails == []
    house.pass_time(minutes=1)
    assert len(post.mails) == 1
    house.sound()


# ——— When things go wrong


def test_a_server_that_is_busy_is_tried_again_under_the_same_id(house: House, post: Post) -> None:
    post.refuse["ana@correo.example"] = ["450 later", "451 later", "250 OK"]
    house.invite("ana@correo.example")
    house.work()
    (it,) = house.all()
    assert (it.state, str(it.reason).startswith(Reason.RECIPIENT_LATER)) == (State.PLANNED, True)
    post.refuse["ana@correo.example"] = ["451 later"]
    house.pass_time(minutes=1)
    post.refuse.clear()
    house.pass_time(minutes=5)
    assert [mail["Message-ID"] for mail in post.mails] == [f"<{it.id.hex}@aurora.example>"]
    assert house.states() == [State.SENT]
    house.sound()


def test_an_unknown_outcome_is_sent_again_as_the_same_mail(house: House, post: Post) -> None:
    """The server took it and the connection broke before it said so: the repeat has the same Message-ID."""
    post.cut = 1
    house.invite("ana@correo.example")
    house.work()
    house.pass_time(minutes=1)
    assert len(post.mails) == 2
    assert len({(mail["Message-ID"], mail["Subject"]) for mail in post.mails}) == 1
    (it,) = house.all()
    assert (it.state, it.mails) == (State.SENT, 1)


def test_an_answer_to_a_mail_that_we_believed_lost(house: House, post: Post) -> None:
    post.cut = 1
    house.invite("ana@correo.example")
    house.work()
    (it,) = house.all()
    assert it.state is State.PLANNED
    house.answer(it)
    house.pass_time(minutes=1)
    assert len(post.mails) == 1
    assert house.states() == [State.ANSWERED]
    house.sound()


def test_a_reminder_that_is_refused_was_the_last(house: House, post: Post) -> None:
    house.invite("ana@correo.example")
    house.work()
    post.refuse["ana@correo.example"] = ["550 gone"]
    house.pass_time(days=3)
    house.pass_time(days=4)
    (it,) = house.all()
    assert (it.state, it.mails, it.next_at) == (State.SENT, 1, None)
    assert str(it.reason).startswith(Reason.RECIPIENT_REFUSED)
    house.sound()


def test_without_a_sender_they_wait(settings: Settings, clock: SetClock, server: MailServer, post: Post) -> None:
    house = opened(settings, clock, server, post, mail_from="")
    house.invite("ana@correo.example")
    house.work()
    (it,) = house.all()
    assert (it.state, it.reason) == (State.PLANNED, NOT_CONFIGURED)
    house.sound()
    house.runtime.settings = replace(house.runtime.settings, mail_from="ayuda@aurora.example")
    house.pass_time(minutes=16)
    assert post.recipients == ["ana@correo.example"]
    house.runtime.close()


def test_a_survey_that_is_switched_off_waits_and_its_people_expire(house: House, post: Post) -> None:
    with house.runtime.db.writing() as session:
        session.execute(update(Channel).where(Channel.id == house.channel).values(active=False))
    house.invite("ana@correo.example")
    house.work()
    assert (house.states(), house.all()[0].reason) == ([State.PLANNED], contact.CLOSED)
    house.pass_time(days=31)
    assert (house.states(), post.mails) == ([State.EXPIRED], [])
    house.sound()


def test_work_that_was_lost_fails_with_a_reason(house: House) -> None:
    house.invite("ana@correo.example", "eva@correo.example")
    with house.runtime.db.writing() as session:
        works = session.scalars(select(Work.id).where(Work.kind == "surveys.send").order_by(Work.id)).all()
        session.execute(delete(Work).where(Work.id == works[0]))
        session.execute(update(Work).where(Work.id == works[1]).values(state=WorkState.QUARANTINED, error="boom"))
    upkeep.keep_up(house.runtime, house.clock())
    assert house.states() == [State.FAILED, State.FAILED]
    assert sorted(str(it.reason) for it in house.all()) == [ABANDONED, f"{ABANDONED}: boom"]
    house.sound()


def test_a_worker_that_died_while_sending_is_followed_by_another(house: House, post: Post) -> None:
    house.invite("ana@correo.example")
    engine = Engine(house.runtime, worker="dead")
    (item,) = engine._claim("slow")
    with house.runtime.db.writing() as session:
        invitation = queries.by_id_for_update(session, item.subject)
        assert invitation is not None
        invitation.state, invitation.begun_at, invitation.asked_at = State.SENDING, house.clock(), house.clock()
    house.work()
    assert post.mails == []
    house.pass_time(minutes=3)
    assert len(post.mails) == 1
    assert house.states() == [State.SENT]


# ——— Many


@pytest.mark.slow
def test_thousands_never_stand_before_an_answer(sqlite_house: House, post: Post) -> None:
    """They are queued in portions: what was asked for later and is more important comes after the next few."""
    house = sqlite_house
    house.invite(*(f"p{number}@correo.example" for number in range(90)))
    with house.runtime.db.reading() as session:
        queued = session.scalar(select(func.count()).where(Work.kind == "surveys.send"))
    assert queued == feed.PORTION
    house.work()
    assert len(post.mails) == 90
    assert len(set(post.recipients)) == 90
    assert set(house.states()) == {State.SENT}
    house.sound()


@pytest.mark.slow
def test_a_mail_server_that_takes_nothing_is_not_offered_everything(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house
    monkeypatch.setattr(feed, "MOST_WAITING", 40)
    house.post.refuse = {f"p{number}@correo.example": ["450 later"] for number in range(120)}
    house.invite(*house.post.refuse)
    house.work()
    for _ in range(5):
        upkeep.let_go(house.runtime, house.clock())
    with house.runtime.db.reading() as session:
        assert session.scalar(select(func.count()).where(Work.kind == "surveys.send")) == 40
    house.post.refuse.clear()
    for _ in range(10):
        house.pass_time(minutes=10)
    assert len(house.post.mails) == 120


# ——— Who may


def test_only_those_who_may_invite(house: House) -> None:
    agent = Actor(None, RoleName.AGENT, frozenset(), "Ana")
    with pytest.raises(Forbidden):
        house.invite("ana@correo.example", actor=agent)
    with pytest.raises(NotFound):
        house.invite("ana@correo.example", channel=new_id())
    with house.runtime.db.reading() as session:
        form = session.scalars(select(Channel.id).where(Channel.kind == "webform")).first()
    assert form is not None
    with pytest.raises(NotFound):
        house.invite("ana@correo.example", channel=form)
    assert house.all() == []
