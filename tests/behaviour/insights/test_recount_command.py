"""`voc insights recount`: what it prints, and the exit status."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.behaviour.insights.conftest import Voices
from tests.conftest import START
from voc.cli import cli
from voc.insights.recount import TABLES
from voc.insights.rollups import roll_up
from voc.model import RollupScore


@pytest.fixture
def house(sqlite_voices: Voices, monkeypatch: pytest.MonkeyPatch) -> Voices:
    """A house with one answer, counted, that commands work on."""
    monkeypatch.setenv("VOC_INSTANCE", str(sqlite_voices.runtime.settings.instance))
    sqlite_voices.say(START - timedelta(hours=1), nps=0)
    sqlite_voices.work()
    roll_up(sqlite_voices.runtime, START)
    return sqlite_voices


def test_no_difference_is_said_and_proved(house: Voices) -> None:
    done = CliRunner().invoke(cli, ["insights", "recount"])
    assert done.exit_code == 0, done.output
    assert "difference: 0" in done.output
    assert all(table in done.output for table in TABLES)


def test_a_difference_is_an_exit_status_and_can_be_put_right(house: Voices) -> None:
    with house.runtime.db.writing() as session:
        session.execute(update(RollupScore).values(n=5))
    found = CliRunner().invoke(cli, ["insights", "recount", "--json"])
    assert found.exit_code == 1
    assert json.loads(found.output)["rows"]["rollup_score"] == 1
    fixed = CliRunner().invoke(cli, ["insights", "recount", "--fix"])
    assert fixed.exit_code == 1
    assert CliRunner().invoke(cli, ["insights", "recount"]).exit_code == 0


def test_what_waits_is_counted_first(house: Voices) -> None:
    house.say(START - timedelta(hours=1), nps=3)
    house.work()
    done = CliRunner().invoke(cli, ["insights", "recount"])
    assert (done.exit_code, "difference: 0" in done.output) == (0, True)
    assert [row.n for row in _scores(house)] == [1, 1]


def _scores(house: Voices) -> list[RollupScore]:
    with house.runtime.db.reading() as session:
        return list(session.scalars(select(RollupScore)))
