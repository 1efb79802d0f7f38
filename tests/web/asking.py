"""A house with a survey, seen by the people it asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from voc.intake.channels import add_channel
from voc.jobs.engine import Engine
from voc.model import Channel, Feedback, Invitation
from voc.surveys.inviting import invite
from voc.surveys.people import Person
from voc.surveys.token import token_of

WORDS = "Tardaron <mucho>, y nadie avisó."


@dataclass
class Asking:
    """A house with a survey called `nps`, seen by the people it asks."""

    runtime: Any
    clock: Any
    client: FlaskClient

    def survey(self, slug: str = "nps", **options: Any) -> UUID:
        with self.runtime.db.writing() as session:
            channel = add_channel(
                session, self.runtime.host, kind="survey", name=slug, slug=slug, options=options, now=self.clock()
            )
        self.work()
        return channel.id

    def invite(self, *people: Person, slug: str = "nps") -> list[str]:
        """Invite and return the tokens, in order."""
        runtime = self.runtime
        with runtime.db.writing() as session:
            channel = session.scalars(select(Channel.id).where(Channel.slug == slug)).one()
            before = set(session.scalars(select(Invitation.id)))
            invite(session, runtime.keys, runtime.settings, channel_id=channel, people=people, now=self.clock())
            fresh = [key for key in session.scalars(select(Invitation.id).order_by(Invitation.id)) if key not in before]
        return [token_of(runtime.keys, key) for key in fresh]

    def work(self) -> None:
        engine = Engine(self.runtime, worker="test")
        for _ in range(20):
            if not engine.drain("flow") + engine.drain("slow"):
                return

    def all(self, model: Any) -> list[Any]:
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model)))

    def feedback(self) -> list[Feedback]:
        self.work()
        return self.all(Feedback)

    def tap(self, path: str, score: int | str, **more: str) -> TestResponse:
        """Open the page and press one of its buttons."""
        page = self.client.get(path).text
        return self.client.post(path.split("?")[0], data={"_ticket": ticket_of(page), "score": str(score), **more})


def ticket_of(page: str) -> str:
    found = re.search(r'name="_ticket" value="([^"]+)"', page)
    assert found is not None, page
    return unescape(found[1])


def said(answer: TestResponse) -> str:
    return unescape(answer.text)


ANA = Person("ana@correo.example", name="Ana Ruiz", language="es", facts={"unit": "Lima", "about": "Pedido 88-4127"})
