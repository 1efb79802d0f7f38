"""Customers, identities and the full-text index: what is changed past the services is found, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from voc.core.vocabulary import IdentityKind
from voc.customers import identities
from voc.jobs import enqueue
from voc.model import Customer, Feedback, metadata
from voc.pipeline.verify import verify
from voc.runtime import Runtime
from voc.search.queries import BACKFILL
from voc.security import queries as people
from voc.security import tokens

from .conftest import Past, Torn

# table.column | which rows | new value | what must be found
MAIL = "(SELECT customer_id FROM identity WHERE kind = 'email')"
CHANGES = f"""
customer.id | name = 'Ana' | :nobody | customer.unproved
customer.name | name = 'Ana' | 'Otra' | customer.name_key
customer.name_key | name = 'Ana' | NULL | customer.name_key
identity.customer_id | kind = 'external_id' | {MAIL} | feedback.customer
identity.kind | kind = 'external_id' | 'email' | identity.hash
identity.kind | kind = 'external_id' | 'nonsense' | identity.hash
identity.value | kind = 'email' | 'x@example.com' | identity.hash
identity.value_hash | kind = 'phone' | :bytes | identity.hash
identity.source | kind = 'phone' | 'channel' | identity.who
identity.source | kind = 'email' | 'person' | identity.who
identity.source | true | 'nonsense' | word.identity.source
identity.verified_by | verified_by IS NOT NULL | NULL | identity.who
identity.detached_at | detached_at IS NOT NULL | NULL | identity.who
identity.detached_by | detached_by IS NOT NULL | NULL | identity.who
contact_point.email_key | email IS NOT NULL | 'x@example.com' | contact.key
possible_duplicate.customer_id | true | :nobody | reference.possible_duplicate.customer_id
possible_duplicate.other_id | true | customer_id | duplicate.pair
possible_duplicate.feedback_id | true | :nobody | reference.possible_duplicate.feedback_id
possible_duplicate.settled_at | true | :ago | duplicate.pair
possible_duplicate.settled_by | true | (SELECT lead_id FROM team LIMIT 1) | duplicate.pair
feedback.text | score = 9 | 'otras palabras' | search.stale
"""
REMOVALS = """
identity | kind = 'email' | customer.unproved
customer | name = 'Ana' | reference.identity.customer_id
feedback_search | true | search.missing
feedback | score = 9 | search.superfluous
"""
# Why a change of these cannot be known from the data.
UNKNOWABLE = {
    "customer.version": "only rises",
    "customer.language": "what somebody typed, written down once",
    "customer.preferred_channel": "what somebody typed, written down once",
    "customer.segment": "what somebody typed, written down once",
    "customer.value": "what somebody typed, written down once",
    "customer.created_at": "only shown",
    "identity.id": "nothing refers to it but the audit trail",
    "identity.created_at": "only shown",
    "possible_duplicate.id": "nothing refers to it but the audit trail",
    "possible_duplicate.created_at": "only shown",
}


@pytest.fixture
def house(runtime: Runtime, work: Callable[[], None], clock: Any) -> Past:
    """Customers with identities of every sort, one taken away, and a pair that may be one."""
    with runtime.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=runtime.clock())
        admin = people.first_admin(session)
        assert admin is not None
    with runtime.db.reading() as session:
        found = tokens.find(session, token)
        assert found is not None
        actor = people.actor_of(session, admin.id)
    assert actor is not None
    past = Past(runtime, clock.forward, actor, actor, found.channel_id, found.channel_id)
    past.say("number", "Muy mal", 1, external_id="C-1", name="Ana", email="Ana@Example.com")
    past.say("mail", "Bien", 9, email="a@example.com")
    past.say("both", "Bien", 10, external_id="C-1", email="a@example.com")
    with runtime.db.writing() as session:
        # What a mail channel says of an author that it has proved.
        proof = {"mail": ["email"], "both": ["external_id", "email"]}
        for name, kinds in proof.items():
            row = session.get_one(Feedback, past.ids[name])
            row.author = {**(row.author or {}), "verified": kinds}
    past.work()
    _identities(past)
    return past


def _identities(past: Past) -> None:
    runtime, more = past.runtime, {"actor": past.manager, "now": past.now()}
    with runtime.db.reading() as session:
        ana = session.scalars(select(Customer.id).where(Customer.name == "Ana")).one()
    wanted = [(IdentityKind.PHONE, "+51 987 654 321"), (IdentityKind.HANDLE, "@ana@x.test")]
    last: UUID | None = None
    for version, (kind, value) in enumerate(wanted, 1):
        with runtime.db.writing() as session:
            last = identities.attach(session, runtime.keys, ana, kind=kind, value=value, version=version, **more)
    assert last is not None
    with runtime.db.writing() as session:
        identities.detach(session, ana, last, version=3, **more)


@contextmanager
def tearing(past: Past) -> Iterator[Torn]:
    """Whatever is torn inside is taken back afterwards."""
    with past.runtime.db.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if past.runtime.db.sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
            connection.execute(text("SELECT 1"))
        else:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield Torn(past, connection)
        connection.rollback()
        if past.runtime.db.sqlite:
            raw.execute("PRAGMA foreign_keys=ON")


def test_whatever_is_changed_or_missing_is_found(house: Past) -> None:
    assert verify(house.runtime, now=house.now()).findings == ()
    torn: list[tuple[str, str]] = []
    for line in CHANGES.strip().splitlines():
        place, rows, value, finds = (part.strip() for part in line.split(" | "))
        table, column = place.split(".")
        torn.append((f'UPDATE "{table}" SET {column} = {value} WHERE {rows}', finds))
    for line in REMOVALS.strip().splitlines():
        table, rows, finds = (part.strip() for part in line.split(" | "))
        torn.append((f'DELETE FROM "{table}" WHERE {rows}', finds))
    for statement, finds in torn:
        with tearing(house) as hole:
            hole.tear(statement)
            assert hole.found(finds) == {finds}, statement
    assert verify(house.runtime, now=house.now()).ok, "everything was taken back"


def test_while_the_index_is_filled_nothing_is_missing(house: Past) -> None:
    with house.runtime.db.writing() as session:
        session.execute(text("DELETE FROM feedback_search"))
        enqueue(session, BACKFILL, subject_id=None, now=house.now())
    assert verify(house.runtime, now=house.now()).ok
    house.work()
    assert verify(house.runtime, now=house.now(), only=["search.missing", "search.stale"]).ok


def test_every_column_is_in_a_list() -> None:
    tables = ("customer", "identity", "possible_duplicate")
    columns = {f"{table}.{column.name}" for table in tables for column in metadata.tables[table].columns}
    listed = {line.split(" | ")[0] for line in CHANGES.strip().splitlines()} | set(UNKNOWABLE)
    assert columns - listed == set()
    assert {place for place in listed if place.split(".")[0] in tables} - columns == set()
