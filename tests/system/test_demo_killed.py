"""`voc serve --demo` killed with -9 in the middle, and started again: the house is whole, nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from voc.db import Database
from voc.model import Customer, Feedback, House, Invitation, Message, Note, Obligation, Receipt, RuleMatch, Team, User
from voc.runtime.demo import queries
from voc.runtime.demo.asking import askings
from voc.runtime.demo.filling import PAUSE
from voc.runtime.demo.reading import read_demo

TABLES = (Receipt, Feedback, Obligation, Message, Note, Customer, Invitation, RuleMatch, Team, User)

pytestmark = pytest.mark.slow


def progress(house: Any) -> tuple[int, int]:
    """(steps done, steps in all); zeros before the demo began."""
    db = Database(house.settings.url, pool_size=1)
    try:
        with db.reading() as session:
            row = session.get_one(House, 1)
        return row.demo_done or 0, row.demo_total or 0
    finally:
        db.close()


def rows(house: Any) -> dict[str, int]:
    """Rows of the tables that tell whether something came twice."""
    db = Database(house.settings.url, pool_size=1)
    try:
        with db.reading() as session:
            return {
                table.__tablename__: session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in TABLES
            }
    finally:
        db.close()


def began(house: Any) -> datetime:
    """The moment from which everything in it counts back."""
    db = Database(house.settings.url, pool_size=1)
    try:
        with db.reading() as session:
            return queries.started_at(session, "Almacenes Aurora")
    finally:
        db.close()


def gets_to(house: Any, part: float) -> bool:
    done, total = progress(house)
    return total > 0 and done >= part * total


def test_killed_demo_goes_on(house: Any, until: Callable[..., None]) -> None:
    demo = read_demo()
    for part in (0.1, 0.35, 0.6, 0.9):
        house.start("--demo")
        until(lambda part=part: gets_to(house, part), "the demo gets on")
        house.kill_worker()
        house.kill_web()
        assert house.left() == []
    house.start("--demo")
    until(lambda: gets_to(house, 1), "the demo is complete")
    found = rows(house)
    later = sum(bool(voice.edited) + (voice.deleted_after_hours is not None) for voice in demo.voices)
    assert found["receipt"] == len(demo.voices) + later
    assert found["feedback"] == sum(voice.robot is None for voice in demo.voices)
    assert found["message"] == len(demo.replies)
    assert found["note"] == len(demo.notes) + len(demo.recoveries) + sum(bool(item.reason) for item in demo.held)
    assert (found["team"], found["user"]) == (len(demo.teams), len(demo.users) + 1)
    assert found["invitation"] == len(askings(demo, began(house), pause=PAUSE))
    house.terminate()
    house.start("--demo")
    assert rows(house) == found
    house.terminate()
    done = house.voc("verify")
    assert done.returncode == 0, done.stdout
    done = house.voc("insights", "recount")
    assert done.returncode == 0, done.stdout
