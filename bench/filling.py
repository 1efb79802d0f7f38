"""A house full of open cases. The first thousand come in by the writer and the pipeline as always; the others are
twins of these, made by the database in bulk, with ids, numbers and codes of their own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bench import voices
from voc.api import incoming
from voc.cases.assign import assign
from voc.core.ids import new_id
from voc.core.settings import load as load_settings
from voc.core.vocabulary import Door, RoleName
from voc.intake.incoming import Incoming
from voc.jobs.engine import Engine
from voc.model import Case, Channel, House, Team, TeamMember, Work
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security import queries, users
from voc.security.access import Actor

FIRST = 1000
MOST_TWINS = 250
_TABLES = ("receipt", "contact_point", "feedback", "analysis", "stance_decision", "case", "case_event", "obligation")
# Columns with ids of rows that have twins; every other column but those named below is copied.
_TWINS = ("id", "receipt_id", "contact_point_id", "analysis_id", "stance_decision_id", "feedback_id", "case_id")
FEW = {"mine": 12, "team": 8, "unassigned": 20, "escalated": 10, "overdue": 30}


def fill(folder: Path, cases: int) -> None:
    """Make an instance with `cases` open cases (whole thousands) of many people, teams and owners.

    The queues other than *open* hold the few cases of `FEW`, evenly spread, however many cases there are: that is
    what a team that keeps up looks like, and the worst case for a page that has to search for them.
    """
    runtime = open_instance(load_settings({}, instance=folder), create=True)
    try:
        with runtime.db.writing() as session:
            place = _furnish(session, runtime.clock())
        _first(runtime, place)
        _twins(folder / "voc.db", cases // FIRST - 1)
        with runtime.db.writing() as session:
            _spread(session, place, runtime.clock())
            session.execute(delete(Work))
    finally:
        runtime.close()


class _Place:
    """What the rows point to."""

    channel_id: UUID
    team_ids: list[UUID]
    owner_ids: list[UUID]
    own_team_id: UUID
    admin_id: UUID


def _furnish(session: Session, now: datetime) -> _Place:
    """Teams and people, and a small team of the administrator who will look at the inbox."""
    place = _Place()
    house = session.get_one(House, 1)
    admin = queries.first_admin(session)
    assert admin is not None
    assert house.default_team_id is not None
    place.admin_id = admin.id
    place.channel_id = session.scalars(select(Channel.id)).first() or new_id()
    people = [
        users.add(
            session, email=f"agent{n}@example.com", name=f"Agent {n}", role=RoleName.AGENT, language="es", now=now
        )
        for n in range(20)
    ]
    teams = [Team(id=new_id(), name=f"Team {n}", lead_id=None, created_at=now) for n in range(4)]
    session.add_all(teams)
    session.flush()
    place.owner_ids = [person.id for person in people]
    place.team_ids = [house.default_team_id, *(team.id for team in teams[:3])]
    place.own_team_id = teams[3].id
    session.add(TeamMember(team_id=place.own_team_id, user_id=admin.id))
    return place


def _first(runtime: Runtime, place: _Place) -> None:
    """`FIRST` complaints of the last two hours, accepted and worked off as always, then given to teams and people."""
    chance, now = random.Random(22), runtime.clock()
    for _ in range(FIRST):
        said = voices.feedback(chance, score=chance.randrange(7))
        said.get("customer", {}).pop("external_id", None)
        body = json.dumps(said).encode()
        values, errors = incoming.read(said, slug="", now=now)
        assert not errors
        runtime.writer.accept(
            Incoming(
                door=Door.API,
                channel_id=place.channel_id,
                content_type="application/json",
                body=body,
                received_at=now - timedelta(seconds=chance.uniform(0, 7200)),
                content_hash=hashlib.sha256(body).digest(),
                feedback=incoming.columns(values),
            )
        )
    Engine(runtime, worker="bench").drain("flow")
    actor = Actor(user_id=place.admin_id, role=RoleName.ADMIN, team_ids=frozenset(), name="bench")
    with runtime.db.writing() as session:
        for case_id, version in session.execute(select(Case.id, Case.version)).all():
            owner, team = chance.choice(place.owner_ids), chance.choice(place.team_ids)
            assign(session, case_id, actor=actor, owner_id=owner, team_id=team, version=version, now=now)


def _twins(file: Path, times: int) -> None:
    """Every row of the cases `times` times more."""
    if times > MOST_TWINS:
        raise ValueError(f"at most {(MOST_TWINS + 1) * FIRST} cases")
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.create_function("twin", 2, _twin, deterministic=True)
        connection.create_function("twin_json", 2, _twin_json, deterministic=True)
        connection.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            connection.execute(f'CREATE TEMP TABLE first AS SELECT * FROM "{table}"')
            values = ", ".join(_value(table, column) for column in columns)
            for number in range(1, times + 1):
                connection.execute(f'INSERT INTO "{table}" SELECT {values} FROM first', {"k": number})
            connection.execute("DROP TABLE first")
        connection.execute("UPDATE counter SET value = (SELECT max(number) FROM \"case\") WHERE name = 'case'")
        connection.execute("COMMIT")


def _value(table: str, column: str) -> str:
    """What the twin has in this column; `:k` says which twin it is."""
    if column in _TWINS or column == "headline_id":
        return f"twin({column}, :k)"
    if column == "tracking_code":
        return "tracking_code || '-' || :k"
    if column == "number":
        return f"number + :k * {FIRST}"
    return "twin_json(data, :k)" if (table, column) == ("case_event", "data") else f'"{column}"'


def _twin(key: bytes | None, number: int) -> bytes | None:
    """The id of a twin: the last byte tells them apart, the time stays."""
    return None if key is None else key[:15] + bytes([(key[15] + number) % 256])


def _twin_json(data: str, number: int) -> str:
    """An event's data, about the twin of its feedback."""
    value = json.loads(data)
    if "feedback_id" not in value:
        return data
    twin = _twin(UUID(value["feedback_id"]).bytes, number)
    assert twin is not None
    return json.dumps({**value, "feedback_id": str(UUID(bytes=twin))})


def _spread(session: Session, place: _Place, now: datetime) -> None:
    """Put the few cases of the small queues evenly among all."""
    ids = list(session.scalars(select(Case.id).order_by(Case.attention_at)))
    late = now - timedelta(hours=1)
    changes: dict[str, dict[str, Any]] = {
        "mine": {"owner_id": place.admin_id},
        "team": {"team_id": place.own_team_id},
        "unassigned": {"owner_id": None},
        "escalated": {"escalated_at": now},
        "overdue": {"next_due_at": late, "response_due_at": late, "attention_at": late},
    }
    for offset, (queue, values) in enumerate(changes.items()):
        step = len(ids) // FEW[queue]
        chosen = ids[offset::step][: FEW[queue]]
        session.execute(update(Case).where(Case.id.in_(chosen)).values(**values))


def deep_keys(folder: Path) -> dict[str, tuple[datetime, UUID]]:
    """(attention, id) of the case in the middle of the inbox and of one a page before its end."""
    runtime = open_instance(load_settings({}, instance=folder), create=False, with_plugins=False)
    try:
        with runtime.db.reading() as session:
            keys = [
                (at, key)
                for at, key in session.execute(select(Case.attention_at, Case.id).order_by(Case.attention_at, Case.id))
            ]
        return {"middle": keys[len(keys) // 2], "end": keys[-60]}
    finally:
        runtime.close()
