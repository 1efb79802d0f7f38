"""Coming from a version without the index: names and addresses can be compared at once, the worker fills the index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select, update

from voc.customers.identify import identify
from voc.db.migrate import current, downgrade, upgrade
from voc.jobs.engine import Engine
from voc.model import ContactPoint, Customer, Work, metadata
from voc.runtime.instance import HEAD
from voc.search.queries import BACKFILL


def test_what_was_there_before_is_found_after_the_upgrade(voices: Any) -> None:
    runtime = voices.runtime
    ids = [voices.say(f"Llegó roto {number}", 9) for number in range(7)]
    voices.work()
    author = {"external_id": "C-1", "name": "Ána", "email": "a@EXAMPLE.com", "phone": "0051987654321", "verified": True}
    with runtime.db.writing() as session:
        identify(session, runtime.keys, [(ids[0], author, "es")], now=runtime.clock())
        session.execute(update(Customer).values(name_key=None))
        session.execute(update(ContactPoint).values(email_key=None, phone_key=None))
    downgrade(runtime.db, metadata, revision="0002")
    assert not [name for name in inspect(runtime.db.engine).get_table_names() if name.startswith("feedback_search")]
    upgrade(runtime.db, metadata)
    assert current(runtime.db) == HEAD
    with runtime.db.reading() as session:
        assert session.scalars(select(Customer.name_key)).one() == "ana"
        point = session.scalars(select(ContactPoint)).one()
        assert (point.email_key, point.phone_key) == ("a@example.com", "+51987654321")
        work = session.scalars(select(Work).where(Work.kind == BACKFILL)).one()
        assert (work.lane, work.data, work.attempts) == ("slow", {}, 0)
        assert abs((work.due_at - work.created_at).total_seconds()) < 1
    assert voices.ask("roto") == []
    # The migration leaves the work for the present moment; the clock of this house stands in the past.
    with runtime.db.writing() as session:
        session.execute(update(Work).where(Work.kind == BACKFILL).values(due_at=runtime.clock()))
    Engine(runtime, worker="test").drain("slow")
    assert voices.ask("roto") == ids[::-1]


def test_an_empty_house_has_nothing_to_fill(runtime: Any) -> None:
    downgrade(runtime.db, metadata, revision="0002")
    upgrade(runtime.db, metadata)
    with runtime.db.reading() as session:
        assert session.scalars(select(Work).where(Work.kind == BACKFILL)).all() == []
