"""Mastodon in a whole house: a mention becomes a case, the answer a reply; edits, deletions, outages are survived."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import SetClock, worker_of
from tests.doors.mastodon_server import MastodonServer, mastodon_server
from tests.doors.mastodon_world import TOKEN
from voc.cases.answer import answer
from voc.core.settings import Settings
from voc.core.vocabulary import MessageState, ReceiptState, RoleName, Stance, Via
from voc.intake.channels import add_channel
from voc.intake.fetch import fetch_soon
from voc.model import Case, Channel, Feedback, Identity, Message, Receipt
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import users
from voc.security.access import Actor

ANGRY = "Esto es una estafa, el café estaba helado y los voy a denunciar"


@dataclass
class Shop:
    """A house that listens to an account on a server, and what can be seen of it."""

    runtime: Runtime
    server: MastodonServer
    channel_id: UUID
    agent: Actor

    def round(self) -> None:
        """A minute later, everything that is due is done."""
        self.runtime.clock.forward(minutes=2)  # type: ignore[attr-defined]
        self.server.world.now = max(self.server.world.now, self.runtime.clock())
        with self.runtime.db.writing() as session:
            fetch_soon(session, self.channel_id, now=self.runtime.clock())
        worker_of(self.runtime)()

    def all(self, model: Any) -> list[Any]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model).order_by(model.id)))

    def channel(self) -> Channel:
        (found,) = (item for item in self.all(Channel) if item.id == self.channel_id)
        return found

    def answer(self, text: str) -> None:
        (case,) = self.all(Case)
        with self.runtime.db.writing() as session:
            answer(
                session, case.id, actor=self.agent, version=case.version, text=text, now=self.runtime.clock(),
                domain="voc.example",
            )  # fmt: skip
        worker_of(self.runtime)()

    def wait(self, **amount: float) -> None:
        self.runtime.clock.forward(**amount)  # type: ignore[attr-defined]
        worker_of(self.runtime)()


@pytest.fixture
def shop(settings: Settings, clock: SetClock) -> Iterator[Shop]:
    wanted = replace(settings, private_addresses="127.0.0.1/32")
    runtime = open_instance(wanted, create=False, clock=clock)
    with mastodon_server() as server:
        with runtime.db.writing() as session:
            channel = add_channel(
                session, runtime.host, keys=runtime.keys, kind="mastodon", name="Mastodon", slug="mastodon",
                options={"base_url": server.url, "access_token": TOKEN}, now=clock(),
            )  # fmt: skip
            person = users.add(
                session, email="camila@aurora.example", name="Camila", role=RoleName.AGENT, language="es", now=clock()
            )
            agent = Actor(person.id, RoleName.AGENT, frozenset(), "Camila")
            channel_id = channel.id
        yield Shop(runtime, server, channel_id, agent)
    runtime.close()


def test_a_mention_becomes_a_case_and_the_answer_a_reply(shop: Shop) -> None:
    mention = shop.server.world.mention(ANGRY, visibility="unlisted")
    shop.round()
    (feedback,) = shop.all(Feedback)
    assert (feedback.text, feedback.stance, feedback.reach) == (ANGRY, Stance.DETRACTOR, 12)
    assert feedback.facts["url"] == mention["url"]
    assert "ana@far.example" in [item.value.lstrip("@") for item in shop.all(Identity)]
    shop.answer("Lo sentimos mucho, Ana. ¿Nos da su número de pedido?")
    (reply,) = shop.server.world.answers()
    assert (reply["in_reply_to_id"], reply["visibility"]) == (mention["id"], "unlisted")
    assert shop.server.world.sources[reply["id"]].startswith("@ana@far.example Lo sentimos")
    (message,) = shop.all(Message)
    assert (message.state, message.via, message.external_id) == (MessageState.SENT, Via.CHANNEL, reply["id"])

    shop.server.world.mention("Es el 4711, gracias", in_reply_to_id=reply["id"])
    shop.round()
    cases = {item.case_id for item in shop.all(Feedback)}
    assert cases == {shop.all(Case)[0].id}


def test_an_edit_changes_the_words_once(shop: Shop) -> None:
    mention = shop.server.world.mention(ANGRY)
    shop.round()
    shop.server.world.edit(mention["id"], f"@aurora {ANGRY}. Y además frío")
    shop.round()
    shop.round()
    (feedback,) = shop.all(Feedback)
    assert feedback.text == f"{ANGRY}. Y además frío"
    assert feedback.edited_at is not None
    assert [item.state for item in shop.all(Receipt)] == [ReceiptState.READ, ReceiptState.NOTICE]


def test_a_deletion_takes_the_words_away(shop: Shop) -> None:
    mention = shop.server.world.mention(ANGRY)
    shop.round()
    shop.server.world.delete(mention["id"])
    shop.round()
    (feedback,) = shop.all(Feedback)
    assert (feedback.text, feedback.deleted_at is not None) == (None, True)
    bodies = [item.body or b"" for item in shop.all(Receipt)]
    assert all(b"helado" not in body for body in bodies)
    shop.round()
    assert len(shop.all(Feedback)) == 1


def test_an_outage_loses_nothing(shop: Shop) -> None:
    shop.round()
    said = [shop.server.world.mention(f"Queja número {number}: muy malo") for number in range(60)]
    shop.server.fail("GET /api/v1/notifications", "status", 503)
    shop.round()
    assert (shop.channel().health, shop.all(Feedback)) == ("warning", [])
    assert "503" in (shop.channel().health_text or "")
    shop.server.fail("GET /api/v1/notifications", "cut")
    shop.round()
    shop.round()
    found = sorted(item.text for item in shop.all(Feedback))
    assert found == sorted(f"Queja número {number}: muy malo" for number in range(60))
    assert len(found) == len(said)
    assert shop.channel().health == "ok"


def test_a_wrong_token_is_said_on_the_channels_page(shop: Shop) -> None:
    shop.server.fail("GET /", "status", 401, times=5)
    shop.round()
    assert shop.channel().health == "failing"
    assert "access token" in (shop.channel().health_text or "")
    assert TOKEN not in (shop.channel().health_text or "")


def test_a_lost_answer_is_repeated_and_stands_there_once(shop: Shop) -> None:
    shop.server.world.mention(ANGRY)
    shop.round()
    shop.server.fail("POST /api/v1/statuses", "lost")
    shop.answer("Lo sentimos mucho.")
    (message,) = shop.all(Message)
    assert message.state is MessageState.QUEUED
    shop.wait(minutes=5)
    (message,) = shop.all(Message)
    (reply,) = shop.server.world.answers()
    assert (message.state, message.external_id) == (MessageState.SENT, reply["id"])
    posts = shop.server.asked("POST /api/v1/statuses")
    assert {item.headers["idempotency-key"] for item in posts} == {message.header_id}
    assert len(posts) == 2


def test_an_answer_that_is_too_long_is_not_sent(shop: Shop) -> None:
    shop.server.world.mention(ANGRY)
    shop.round()
    shop.answer("x" * 600)
    (message,) = shop.all(Message)
    assert message.state is MessageState.FAILED
    assert "shorten it by" in (message.error or "")
    assert shop.server.world.answers() == []


def test_the_secret_is_not_stored_in_the_open(shop: Shop) -> None:
    channel = shop.channel()
    assert TOKEN not in str(channel.options)
    assert channel.secrets is not None
    assert TOKEN.encode() not in channel.secrets
