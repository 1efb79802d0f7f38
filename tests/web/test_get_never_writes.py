"""I12: GET and HEAD of every address change nothing, whoever asks, and the database itself would refuse."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from voc.core.ids import new_id
from voc.model import Counter, metadata
from voc.runtime import Runtime


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
