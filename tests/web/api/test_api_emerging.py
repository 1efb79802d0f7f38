"""What is said more than usual, over the API."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from voc.core.ids import new_id
from voc.insights.emerging.views import Finding
from voc.model import Emerging

PATH = "/api/v1/emerging"
DOOR, FEEDBACK = UUID(int=1), UUID(int=2)
FOUND = Finding("es", ("cobro doble", "cobro"), 7, 6, 0.5, 1e-6, 0.001, 7, 6, {DOOR: 7}, (FEEDBACK,))


def keep(program: Any, day: date, findings: list[Finding]) -> None:
    with program.runtime.db.writing() as session:
        found = [item.to_dict() for item in findings]
        session.add(Emerging(day=day, tested=3, findings=found, counted_at=program.runtime.clock()))


def test_before_anybody_counted_there_is_an_empty_answer(program: Any) -> None:
    answer = program.get(PATH)
    assert answer.status_code == 200
    assert (answer.json["items"], answer.json["counted_at"], answer.json["tested"]) == ([], None, 0)


def test_the_newest_day_or_the_one_asked_for(program: Any) -> None:
    keep(program, date(2026, 3, 3), [FOUND])
    keep(program, date(2026, 3, 4), [])
    assert program.get(PATH).json["items"] == []
    found = program.get(f"{PATH}?day=2026-03-03").json
    assert (found["day"], found["tested"]) == ("2026-03-03", 3)
    (item,) = found["items"]
    assert (item["phrases"], item["n"], item["expected"]) == (["cobro doble", "cobro"], 6, 0.5)
    assert item["doors"] == [{"channel_id": str(DOOR), "people": 7}]
    assert item["feedback"] == [str(FEEDBACK)]


@pytest.mark.parametrize("query", ["day=x", "day=2026-02-30", "day=", "days=3", "day=2026-03-04&day=2026-03-03"])
def test_what_makes_no_sense_is_refused(program: Any, query: str) -> None:
    assert program.get(f"{PATH}?{query}").status_code == 422


def test_it_needs_the_right_to_read_feedback(program: Any) -> None:
    assert program.get(PATH, token=program.new_token("cases:read")).status_code == 403
    assert program.get(PATH, token=str(new_id())).status_code == 401
