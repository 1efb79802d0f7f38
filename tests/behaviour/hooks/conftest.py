"""A house with a chat room and a shop on loopback, on both databases in turn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from voc_plugins.chatroom.fixtures import ChatServer
from voc_plugins.shop_card.fixtures import Shop

from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric
from voc.intake import queries as intake
from voc.intake.forms import check_submission, form_from_dict
from voc.intake.incoming import Incoming
from voc.intake.submit import submit
from voc.model import Feedback
from voc.plugin_host.settings import change_settings
from voc.routing.saving import save_rule
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import tokens
from voc.security.access import SYSTEM

DETRACTORS = 'stance == "detractor"'


class Place:
    """A running house, its chat room and its shop."""

    def __init__(self, runtime: Runtime, work: Callable[[], None], room: ChatServer, shop: Shop) -> None:
        self.runtime, self.room, self.shop, self.count = runtime, room, shop, 0
        self.work = work
        with runtime.db.writing() as session:
            token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
        with runtime.db.reading() as session:
            found = tokens.find(session, token)
        assert found is not None
        self.channel_id = found.channel_id

    def set(self, plugin: str, **options: Any) -> None:
        """Set something of a plugin."""
        house = self.runtime
        with house.db.writing() as session:
            change_settings(
                session, house.host, plugin, options, now=house.clock(), actor=SYSTEM, keys=house.keys
            )  # fmt: skip

    def rule(self, rule_id: UUID | None = None, condition: str = DETRACTORS, **actions: Any) -> UUID:
        with self.runtime.db.writing() as session:
            return save_rule(
                session, rule_id, actor=SYSTEM, name="Enojados", condition=condition, actions=actions,
                now=self.runtime.clock(),
            )  # fmt: skip

    def fill_in(self, text: str, score: str = "1") -> UUID:
        """A customer fills in the public form."""
        with self.runtime.db.reading() as session:
            channel = intake.form_channel(session, "feedback")
        assert channel is not None
        clean, wrong = check_submission(form_from_dict(channel.form), {"score": score, "text": text}, "es")
        assert wrong == {}
        self.count += 1
        submit(
            self.runtime.writer, self.runtime.keys, channel_id=channel.id, submission_id=f"form-{self.count}",
            form_version=channel.form_version, language="es", values=clean, now=self.runtime.clock(), robot=None,
        )  # fmt: skip
        self.work()
        return self.newest().id

    def say(self, text: str, score: int = 0, *, work: bool = True, **author: Any) -> UUID:
        """The company's own system brings what somebody said whom it vouches for."""
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
                    "metric": Metric.NPS,
                    "score": score,
                    "author": {"name": "Ana", "email": None, "phone": None, "external_id": None, **author},
                },
            )
        )
        if work:
            self.work()
        assert accepted.feedback_id is not None
        return accepted.feedback_id

    def newest(self) -> Feedback:
        with self.runtime.db.reading() as session:
            return session.scalars(select(Feedback).order_by(Feedback.id.desc()).limit(1)).one()

    def all(self, model: Any) -> list[Any]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model)))

    def get(self, model: Any, key: Any) -> Any:
        with self.runtime.db.reading() as session:
            return session.get(model, key)


@pytest.fixture
def runtime(settings: Settings, clock: Any) -> Iterator[Runtime]:
    """A running house whose plugins may talk to this machine."""
    own = replace(settings, private_addresses="127.0.0.0/8", base_url="https://voc.example", notifiers=("chatroom",))
    found = open_instance(own, create=False, clock=clock)
    yield found
    found.close()


@pytest.fixture
def place(runtime: Runtime, work: Callable[[], None]) -> Iterator[Place]:
    with ChatServer.running() as room, Shop.running() as shop:
        found = Place(runtime, work, room, shop)
        found.set("chatroom", webhook=room.options["webhook"], urgent_mark="@channel")
        found.set("shop_card", **shop.options)
        yield found
