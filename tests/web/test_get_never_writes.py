"""I12: GET and HEAD of every address change nothing, whoever asks, and the database itself would refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from voc.core.ids import new_id
from voc.intake.channels import add_channel
from voc.model import Counter, Invitation, metadata
from voc.runtime import Runtime
from voc.surveys.inviting import invite
from voc.surveys.people import Person
from voc.surveys.token import token_of


def fingerprint(runtime: Runtime) -> str:
    """A hash over every row of every table."""
    digest = hashlib.sha256()
    with runtime.db.reading() as session:
        for table in metadata.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
            digest.update(f"{table.name}{rows}".encode())
    return digest.hexdigest()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    from voc.app.factory import create_app

    return create_app(runtime)


def addresses(app: Flask) -> list[str]:
    values: dict[str, Any] = {"slug": "feedback", "code": "BCDFGHJKLM", "token": "x", "filename": "tokens.css"}
    found = []
    for program in (app, app.extensions["voc_api"]):
        places = program.url_map.bind("localhost")
        for rule in program.url_map.iter_rules():
            filled = {name: values.get(name, str(new_id())) for name in rule.arguments}
            found.append(places.build(rule.endpoint, filled, method=None))
    return sorted(set(found))


def test_get_and_head_change_nothing(app: Flask, runtime: Runtime) -> None:
    before = fingerprint(runtime)
    client = app.test_client()
    asked = addresses(app)
    assert len(asked) > 15
    for address in asked:
        for method in ("GET", "HEAD"):
            answer = client.open(address, method=method)
            answer.get_data()
            answer.close()
            assert answer.status_code < 500, (method, address, answer.status_code)
    assert fingerprint(runtime) == before


def test_reading_is_enforced_by_the_database(runtime: Runtime) -> None:
    from sqlalchemy import update
    from sqlalchemy.exc import InternalError

    with runtime.db.reading() as session, pytest.raises((OperationalError, InternalError)):
        session.execute(update(Counter).values(value=99))


def test_links_in_mails_change_nothing_when_they_are_opened(
    app: Flask, runtime: Runtime, work: Callable[[], None]
) -> None:
    """A scanner opens every link of an invitation, again and again: no answer, nobody unsubscribed."""
    with runtime.db.writing() as session:
        channel = add_channel(
            session, runtime.host, kind="survey", name="NPS", slug="nps", options={}, now=runtime.clock()
        )
    work()
    with runtime.db.writing() as session:
        people = [Person("ana@correo.example", "Ana")]
        now = runtime.clock()
        invite(session, runtime.keys, runtime.settings, channel_id=channel.id, people=people, now=now)
        token = token_of(runtime.keys, session.scalars(select(Invitation.id)).one())
    before = fingerprint(runtime)
    client = app.test_client()
    asked = [f"/s/{token}", *(f"/s/{token}?score={score}" for score in range(11)), f"/s/{token}/why", f"/u/{token}"]
    asked += ["/s/nps", "/s/nps?score=0", "/s/nps/why", "/f/nps"]
    for address in asked * 2:
        for method in ("GET", "HEAD"):
            assert client.open(address, method=method).status_code in (200, 302), address
    assert fingerprint(runtime) == before
