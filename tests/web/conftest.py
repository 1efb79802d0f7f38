"""A house with its web application and a browser that keeps its cookies, for the pages of people who work here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from voc.app.factory import create_app
from voc.core.settings import Settings
from voc.core.vocabulary import Door, Metric, RoleName
from voc.intake.incoming import Incoming
from voc.jobs.engine import Engine
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import tokens, users


@dataclass
class Browser:
    """One browser. `visit` and `send` return the answer; `send` takes the token of the session along."""

    client: FlaskClient
    last: TestResponse | None = None

    def visit(self, path: str, **options: Any) -> TestResponse:
        self.last = self.client.get(path, **options)
        return self.last

    def token(self, page: str | None = None) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page or self.visit("/account").text)
        return unescape(found[1]) if found else ""

    def send(self, path: str, *, token: str | None = None, **values: Any) -> TestResponse:
        data = {"csrf_token": self.token() if token is None else token, **values}
        self.last = self.client.post(path, data=data)
        return self.last


@dataclass
class Desk:
    """The running house seen from a desk: people, what customers say, the worker, browsers."""

    runtime: Runtime
    app: Flask
    channel_id: UUID
    people: dict[str, UUID] = field(default_factory=dict)
    count: int = 0

    def hire(self, name: str, role: RoleName = RoleName.AGENT, language: str = "en") -> UUID:
        with self.runtime.db.writing() as session:
            user = users.add(
                session,
                email=f"{name.lower()}@aurora.example",
                name=name,
                role=role,
                language=language,
                now=self.runtime.clock(),
            )
        self.people[name] = user.id
        return user.id

    def link(self, name: str) -> str:
        with self.runtime.db.writing() as session:
            return "/welcome/" + users.sign_in_link(session, self.people[name], now=self.runtime.clock())

    def browser(self, name: str | None = None, /, **values: str) -> Browser:
        """A fresh browser; with a name, somebody who came in by a link (`values` as typed on its page)."""
        browser = Browser(self.app.test_client())
        browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        if name is not None:
            path = self.link(name)
            answer = browser.send(path, token=browser.token(browser.visit(path).text), **values)
            assert answer.status_code == 303, answer.text
        return browser

    def say(self, text: str | None, score: int | None = None, *, work: bool = True, **author: Any) -> UUID:
        """A customer says something through the API door; returns the feedback id."""
        self.count += 1
        body = repr((text, score, self.count)).encode()
        known = {"name": None, "email": None, "phone": None, "external_id": None, "verified": False, **author}
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
                    "author": known if author else None,
                },
            )
        )
        assert accepted.feedback_id is not None
        if work:
            self.work()
        return accepted.feedback_id

    def work(self) -> None:
        engine = Engine(self.runtime, worker="test")
        for _ in range(20):
            if not engine.drain("flow") + engine.drain("slow"):
                return

    def statements(self, act: Callable[[], object]) -> int:
        """How many SQL statements `act` costs."""
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(self.runtime.db.engine, "before_cursor_execute", note)
        try:
            act()
        finally:
            event.remove(self.runtime.db.engine, "before_cursor_execute", note)
        return len(seen)


@pytest.fixture
def make_desk(sqlite_settings: Settings, clock: Any) -> Iterator[Callable[..., Desk]]:
    """Open the house with other settings than usual."""
    opened: list[Runtime] = []

    def make(**settings: Any) -> Desk:
        wanted = replace(sqlite_settings, **{"signin_rate": "1000/minute", **settings})
        runtime = open_instance(wanted, create=False, clock=clock)
        opened.append(runtime)
        with runtime.db.writing() as session:
            token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
        with runtime.db.reading() as session:
            found = tokens.find(session, token)
        assert found is not None
        return Desk(runtime, create_app(runtime), found.channel_id)

    yield make
    for runtime in opened:
        runtime.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """A house with an agent, a manager and an administrator."""
    desk = make_desk()
    desk.hire("Camila")
    desk.hire("Patricia", RoleName.MANAGER)
    desk.hire("Lucia", RoleName.ADMIN)
    return desk


def text(answer: TestResponse) -> str:
    """The page as a person reads it, more or less: entities resolved."""
    return unescape(answer.text)


@pytest.fixture
def asking(make_desk: Callable[..., Desk], clock: Any) -> Any:
    """A house with a survey called `nps`, seen by the people it asks (`tests.web.asking.Asking`)."""
    from tests.web.asking import Asking

    desk = make_desk(form_rate="1000/minute")
    found = Asking(desk.runtime, clock, desk.app.test_client())
    found.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    found.survey()
    return found
