"""Reading a whole quarantine again: page by page, each receipt once, on both databases; and what the pages read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import SetClock
from voc.core.errors import Conflict, Forbidden, NotFound
from voc.core.ids import new_id
from voc.core.vocabulary import Door, ReceiptState, RoleName
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.insights.queries import came_in
from voc.intake import queries
from voc.intake.reading import queries as reading
from voc.intake.replay import PAGE, REPLAY_KIND, replay_all
from voc.model import Receipt, RollupIntake, Work
from voc.runtime import Runtime
from voc.security.access import SYSTEM, Actor


def channel_of(runtime: Runtime) -> UUID:
    with runtime.db.reading() as session:
        found = queries.channel_by_slug(session, "feedback")
    assert found is not None
    return found.id


def hold(runtime: Runtime, count: int, *, body: bytes | None = b"no submission") -> list[UUID]:
    """Put receipts into quarantine; their ids, oldest first."""
    channel_id, now = channel_of(runtime), runtime.clock()
    rows = [
        {
            "id": new_id(), "channel_id": channel_id, "door": Door.FORM, "content_type": "application/json",
            "headers": {}, "body": body, "received_at": now, "delivery_id": None, "tracking_code": None,
            "state": ReceiptState.QUARANTINED, "reason": "a reason",
        }
        for _ in range(count)
    ]  # fmt: skip
    with runtime.db.writing() as session:
        bulk_insert(session.connection(), table_of(Receipt), rows)
    return [row["id"] for row in rows]


def order(runtime: Runtime) -> None:
    with runtime.db.writing() as session:
        replay_all(session, channel_of(runtime), actor=SYSTEM, now=runtime.clock())


def reasons(runtime: Runtime) -> Counter[bool]:
    """How many receipts were tried again (True) and not (False)."""
    with runtime.db.reading() as session:
        return Counter(reason != "a reason" for reason in session.scalars(select(Receipt.reason)))


def works(runtime: Runtime) -> list[Any]:
    with runtime.db.reading() as session:
        return list(session.scalars(select(Work).where(Work.kind == REPLAY_KIND)))


def test_page_by_page_each_once(runtime: Runtime, clock: SetClock, work: Callable[[], None]) -> None:
    work()
    hold(runtime, 2 * PAGE + 5)
    order(runtime)
    later = hold(runtime, 3)
    seen = []
    for _ in range(5):
        work()
        seen.append(reasons(runtime)[True])
        clock.forward(seconds=1)
    assert seen == [PAGE, 2 * PAGE, 2 * PAGE + 5, 2 * PAGE + 5, 2 * PAGE + 5]
    assert works(runtime) == []
    with runtime.db.reading() as session:
        states = session.execute(select(Receipt.id, Receipt.state, Receipt.reason)).all()
    assert {row.state for row in states} == {ReceiptState.QUARANTINED}
    assert {row.id for row in states if row.reason == "a reason"} == set(later), "they came after it was asked for"


def test_what_is_not_there_or_not_allowed(runtime: Runtime, work: Callable[[], None]) -> None:
    with pytest.raises(Conflict):
        order(runtime)
    hold(runtime, 1)
    order(runtime)
    with pytest.raises(Conflict):
        order(runtime)
    assert len(works(runtime)) == 1
    with pytest.raises(NotFound), runtime.db.writing() as session:
        replay_all(session, new_id(), actor=SYSTEM, now=runtime.clock())
    agent = Actor(new_id(), RoleName.AGENT, frozenset(), "Eva")
    with pytest.raises(Forbidden), runtime.db.writing() as session:
        replay_all(session, channel_of(runtime), actor=agent, now=runtime.clock())
    work()
    assert (works(runtime), reasons(runtime)[True]) == ([], 1)


def test_one_that_was_read_meanwhile_is_left_alone(runtime: Runtime, work: Callable[[], None]) -> None:
    ids = hold(runtime, 2)
    order(runtime)
    with runtime.db.writing() as session:
        session.get_one(Receipt, ids[0]).state = ReceiptState.IGNORED
    work()
    with runtime.db.reading() as session:
        assert session.get_one(Receipt, ids[0]).state is ReceiptState.IGNORED


def test_only_the_beginning_of_a_body_is_read(runtime: Runtime) -> None:
    hold(runtime, 1, body="é".encode() * 400_000)
    hold(runtime, 1, body=b"\xff\xfe\x00binary\x1b[2J")
    hold(runtime, 1, body=b"")
    hold(runtime, 1, body=None)
    with runtime.db.reading() as session:
        gone, empty, binary, long = reading.held_page(session, channel_of(runtime), before=None, limit=10)
    assert (gone.raw, gone.size, empty.raw, empty.size) == (None, None, "", 0)
    assert (binary.raw, binary.size) == ("\ufffd\ufffdbinary[2J", 13)
    assert (long.raw, long.size) == ("é" * reading.PREVIEW, 800_000)


def test_pages_by_key_and_counts(runtime: Runtime) -> None:
    ids = hold(runtime, 5)
    channel_id = channel_of(runtime)
    with runtime.db.reading() as session:
        first = reading.held_page(session, channel_id, before=None, limit=2)
        then = reading.held_page(session, channel_id, before=first[-1].id, limit=9)
        other = reading.held_page(session, new_id(), before=None, limit=9)
        counts = reading.held_counts(session)
        newest = reading.newest_receipts(session, channel_id, limit=3)
    assert [item.id for item in (*first, *then)] == ids[::-1]
    assert (other, counts) == ([], {channel_id: 5})
    assert [item.id for item in newest] == ids[:1:-1]


def test_what_came_in_from_a_day_on(runtime: Runtime, clock: SetClock, work: Callable[[], None]) -> None:
    channel_id = channel_of(runtime)
    day = clock().date()
    rows = [{"day": day - timedelta(days=ago), "channel_id": channel_id, "hour": 9, "n": 10**ago} for ago in range(4)]
    with runtime.db.writing() as session:
        bulk_insert(session.connection(), table_of(RollupIntake), rows)
    with runtime.db.reading() as session:
        assert came_in(session, day - timedelta(days=2)) == {channel_id: 111}
        assert came_in(session, day + timedelta(days=1)) == {}


def test_when_something_last_arrived(runtime: Runtime, clock: SetClock) -> None:
    with runtime.db.writing() as session:
        channel = queries.channel_by_id(session, channel_of(runtime))
        channel.arrived_at = clock() - timedelta(hours=2)
    with runtime.db.reading() as session:
        (line,) = reading.channel_lines(session)
        assert reading.channel_line(session, line.channel.id).arrived_at == line.arrived_at == channel.arrived_at
        with pytest.raises(NotFound):
            reading.channel_line(session, new_id())
