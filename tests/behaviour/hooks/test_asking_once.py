"""However often and by however many the same panel is asked for, one question is under way or waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete

from voc.cases.panels import queries
from voc.cases.panels.asking import ask_about
from voc.jobs.engine import Engine
from voc.model import Case, Customer, SlotPanel, Work
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

ANA = {"external_id": "c-7", "email": "ana@example.com", "verified": True}
LUIS = {"external_id": "c-8", "verified": True}


def waiting(place: Any) -> list[Work]:
    return [row for row in place.all(Work) if row.kind == queries.KIND]


def press(place: Any, runtime: Runtime | None = None) -> int:
    """Somebody presses *Ask again* on the page of the case."""
    case = place.all(Case)[0]
    house = runtime or place.runtime
    with house.db.writing() as session:
        return ask_about(session, [(case.id, case.customer_id)], now=place.runtime.clock())


def doors(place: Any) -> None:
    Engine(place.runtime, worker="door").drain("door")


def test_a_case_that_is_opened_is_asked_about_once_however_quick_the_shop_is(place: Any) -> None:
    """The question of the opened case is answered before anybody hears that the case was opened."""
    place.say("mal", work=False, **ANA)
    flow, door = Engine(place.runtime, worker="flow"), Engine(place.runtime, worker="door")
    for _ in range(20):
        flow.drain("flow", limit=1)
        door.drain("door")
    assert place.shop.asked == [{"external_id": ["c-7"]}] * 2
    assert waiting(place) == []


def test_two_who_open_and_join_one_case_in_one_batch_are_asked_about_once(place: Any) -> None:
    place.say("mal", work=False, **ANA)
    place.say("peor", work=False, **ANA)
    place.work()
    assert len(place.all(Case)) == 1
    assert place.shop.asked == [{"external_id": ["c-7"]}] * 2


def test_pressing_while_the_question_waits_adds_nothing(place: Any) -> None:
    place.say("mal", **ANA)
    assert press(place) == 2
    assert [press(place) for _ in range(3)] == [0, 0, 0]
    assert len(waiting(place)) == 2


def test_pressing_after_a_failure_takes_the_place_of_the_next_try(place: Any) -> None:
    place.shop.trouble = "denied"
    place.say("mal", **ANA)
    (first, second) = waiting(place)
    assert all(row.data == {"tries": 1} for row in (first, second))
    for _ in range(5):
        assert press(place) == 2
        doors(place)
        found = waiting(place)
        assert len({row.subject_id for row in found}) == len(found) == 2
        assert all(row.data == {"tries": 1} for row in found)
    assert len(place.shop.asked) == 0 or len(place.shop.asked) == 12


def test_one_that_is_past_its_time_and_failed_is_not_asked_about_twice(place: Any) -> None:
    place.say("mal", **ANA)
    place.runtime.clock.forward(minutes=61)
    place.shop.trouble = "denied"
    assert press(place) == 2
    place.work()
    sweep = place.runtime.registry.periodic["cases.panels"].run
    for _ in range(3):
        sweep(place.runtime, place.runtime.clock())
    assert len(waiting(place)) == 2


def test_a_question_whose_worker_died_is_asked_again_and_chains_nothing(place: Any) -> None:
    """The lease of the first is over, somebody asks again, and both fail."""
    from voc.jobs import outbox

    place.say("mal", **ANA)
    place.shop.trouble = "denied"
    house = place.runtime
    assert press(place) == 2
    with house.db.writing() as session:
        now = house.clock()
        dead = outbox.claim(session, lane="door", worker="dead", now=now, limit=2, lease=now - now)
    assert len(dead) == 2
    house.clock.forward(minutes=20)
    assert press(place) == 2
    for _ in range(3):
        Engine(house, worker="slow").drain("slow")
        doors(place)
    found = waiting(place)
    assert len({row.subject_id for row in found}) == len(found) == 2


@pytest.fixture
def other(place: Any) -> Iterator[Runtime]:
    """A second process of the same house."""
    found = open_instance(place.runtime.settings, create=False, clock=place.runtime.clock)
    yield found
    found.close()


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_two_who_ask_at_the_same_moment_are_one_question(
    place: Any, other: Runtime, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked before either wrote: on PostgreSQL side by side, on SQLite one after the other."""
    place.say("mal", **ANA)
    if not known:
        with place.runtime.db.writing() as session:
            session.execute(delete(SlotPanel))
    looked, both = queries.panels_of, threading.Barrier(2)

    def slowly(session: Any, subject_ids: Any) -> Any:
        found = looked(session, subject_ids)
        if not place.runtime.db.sqlite:
            both.wait(10)
        return found

    monkeypatch.setattr(queries, "panels_of", slowly)
    with ThreadPoolExecutor(2) as threads:
        counts = list(threads.map(lambda house: press(place, house), [place.runtime, other]))
    assert sum(counts) == 2
    assert len(place.all(SlotPanel)) == len(waiting(place)) == 2


def test_two_who_ask_about_the_same_ones_in_another_order_both_end(
    place: Any, other: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would hold what the other one waits for, if each went its own way through them."""
    place.say("mal", **ANA)
    place.say("mal", **LUIS)
    pairs = [(case.id, case.customer_id) for case in place.all(Case)]
    assert len(place.all(Customer)) == 2
    with place.runtime.db.writing() as session:
        session.execute(delete(SlotPanel))
    for again in (False, True):
        counts = []
        for _ in range(5):
            with ThreadPoolExecutor(2) as threads:
                ask: Callable[[Any], int] = lambda given: _ask(given[0], given[1], place)  # noqa: E731
                counts += list(threads.map(ask, [(place.runtime, pairs), (other, pairs[::-1])]))
            place.runtime.clock.forward(minutes=16)
            if not again:
                break
        assert sum(counts) == (20 if again else 4)


def _ask(house: Runtime, pairs: Any, place: Any) -> int:
    with house.db.writing() as session:
        return ask_about(session, pairs, now=place.runtime.clock())
