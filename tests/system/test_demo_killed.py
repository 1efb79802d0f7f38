"""`voc serve --demo` killed with -9 in the middle, and started again: the house is whole, nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from voc.db import Database
from voc.model import Feedback, House, Message, Obligation, Receipt, Team, User
from voc.runtime.demo.data import read_demo

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
                for table in (Receipt, Feedback, Obligation, Message, Team, User)
            }
    finally:
        db.close()


def test_killed_demo_goes_on(house: Any, until: Callable[..., None]) -> None:
    demo = read_demo()
    for part in (0.2, 0.6, 0.9):
        house.start("--demo")
        until(lambda part=part: progress(house)[0] >= part * demo.total, "the demo gets on")
        house.kill_worker()
        house.kill_web()
        assert house.left() == []
    house.start("--demo")
    until(lambda: progress(house) == (demo.total, demo.total), "the demo is complete")
    found = rows(house)
    assert (found["receipt"], found["feedback"]) == (len(demo.voices), len(demo.voices))
    assert found["message"] == len(demo.replies)
    assert (found["team"], found["user"]) == (len(demo.teams), len(demo.users) + 1)
    house.terminate()
    house.start("--demo")
    assert rows(house) == found
    house.terminate()
    done = house.voc("verify")
    assert done.returncode == 0, done.stdout
