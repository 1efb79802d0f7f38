"""Rollups say what the raw rows say: after anything in any order, on both databases, and in the house's own days."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from tests.behaviour.insights.conftest import Voices
from voc.core.errors import Busy
from voc.core.vocabulary import Metric, Stance
from voc.db import Database
from voc.insights import queries
from voc.insights.marks import remove, touch
from voc.insights.recount import TABLES
from voc.insights.rollups import roll_up
from voc.insights.survey import snapshot, store, survey
from voc.intake.events import FeedbackStored
from voc.jobs import publish
from voc.model import (
    Case,
    Feedback,
    FeedbackTopic,
    House,
    RollupIntake,
    RollupMark,
    RollupScore,
    RollupStance,
    RollupState,
    RollupTopic,
    metadata,
)
from voc.pipeline import correct

LIMA = ZoneInfo("America/Lima")
BAD = "The staff was rude, but the delivery was quick and the price is great."


def rows(voices: Voices, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of a whole rollup, in order."""
    with voices.runtime.db.reading() as session:
        return sorted(tuple(row) for row in session.execute(select(*(getattr(table, name) for name in columns))))


def test_scores_are_kept_as_they_were_given(voices: Voices) -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=LIMA)
    for score in (0, 0, 10):
        voices.say(at, nps=score)
    voices.say(at, csat=1)
    voices.say(at, "Ich war gestern in der Tienda.")
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    assert rows(voices, RollupScore, "day", "metric", "score", "n") == [
        (date(2026, 3, 3), Metric.CSAT, 1, 1),
        (date(2026, 3, 3), Metric.NPS, 0, 2),
        (date(2026, 3, 3), Metric.NPS, 10, 1),
    ]
    assert dict(rows(voices, RollupStance, "stance", "n")) == {
        Stance.DETRACTOR: 3,
        Stance.PROMOTER: 1,
        Stance.UNKNOWN: 1,
    }
    assert rows(voices, RollupIntake, "hour", "n") == [(12, 5)]
    assert voices.recount().difference == 0


def test_the_day_ends_at_midnight_where_the_house_stands(voices: Voices) -> None:
    """23:30 in Lima is the next day in UTC; it belongs to the evening on which it was said."""
    voices.say(datetime(2026, 3, 3, 23, 30, tzinfo=LIMA), nps=0)
    voices.say(datetime(2026, 3, 4, 0, 0, tzinfo=LIMA), nps=10)
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    assert rows(voices, RollupScore, "day", "score") == [(date(2026, 3, 3), 0), (date(2026, 3, 4), 10)]
    assert rows(voices, RollupIntake, "day", "hour") == [(date(2026, 3, 3), 23), (date(2026, 3, 4), 0)]


def test_topics_count_each_feedback_once_and_name_the_words(voices: Voices) -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=LIMA)
    feedback_id = voices.say(at, BAD + " Rude, rude staff.", nps=2)
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    counted = rows(voices, RollupTopic, "topic", "label", "n")
    assert counted
    assert all(n == 1 for _, _, n in counted)
    assert len({topic for topic, _, _ in counted}) == len(counted)
    with voices.runtime.db.reading() as session:
        for row in session.scalars(select(FeedbackTopic)):
            text = session.get_one(Feedback, feedback_id).text or ""
            assert text[row.begins : row.ends].strip()


def test_corrections_and_removals_are_counted(voices: Voices) -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=LIMA)
    first, second = voices.say(at, BAD, nps=9), voices.say(at, "Nothing came. Terrible delivery!", nps=1)
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    actor, clock = voices.actor(), voices.runtime.clock
    with voices.runtime.db.reading() as session:
        topics = [row.key for row in queries_topics(session)]
    with voices.runtime.db.writing() as session:
        correct.correct_stance(session, first, actor=actor, stance=Stance.PASSIVE, now=clock())
        correct.correct_topics(session, first, actor=actor, topics=topics[:1], now=clock())
    roll_up(voices.runtime, clock())
    assert (Stance.PASSIVE, 1) in rows(voices, RollupStance, "stance", "n")
    assert voices.recount().difference == 0
    forget(voices, [second])
    assert voices.recount().difference == 0
    assert rows(voices, RollupScore, "score", "n") == [(9, 1)]


def queries_topics(session: Any) -> Any:
    from voc.pipeline import queries as pipeline

    return pipeline.topics(session)


def forget(voices: Voices, ids: list[UUID]) -> None:
    """Delete rows as nobody does: everything that points to them first, but for what insights take away themselves."""
    with voices.runtime.db.writing() as session:
        remove(session, ids, now=voices.runtime.clock())
        of_case = select(Feedback.case_id).where(Feedback.id.in_(ids), Feedback.case_id.is_not(None))
        keys = {"feedback": ids, "case": list(session.scalars(of_case))}
        session.execute(update(Feedback).where(Feedback.id.in_(ids)).values(case_id=None))
        for table in reversed(metadata.sorted_tables):
            for key in table.foreign_keys:
                if key.column.table.name in keys and table.name not in ("feedback", "feedback_topic"):
                    session.execute(delete(table).where(key.parent.in_(keys[key.column.table.name])))
        session.execute(delete(Case).where(Case.id.in_(keys["case"])))
        session.execute(delete(Feedback).where(Feedback.id.in_(ids)))


@pytest.mark.parametrize("seed", [1, 2])
def test_after_anything_in_any_order_a_recount_finds_no_difference(voices: Voices, seed: int) -> None:
    chance, known, clock = random.Random(seed), [], voices.runtime.clock
    voices.channel()
    texts = (None, BAD, "La entrega llegó tarde y rota.", "Excellent delivery, great price!", "Ok.")
    actor = voices.actor()
    for _ in range(60):
        step = chance.choice(("say", "say", "say", "work", "roll", "stance", "topics", "edit", "again", "forget"))
        if step == "say":
            at = datetime(2026, 2, 26, tzinfo=LIMA) + timedelta(minutes=chance.randrange(6 * 24 * 60))
            metric, score = chance.choice([("nps", 0), ("nps", 10), ("csat", 5), ("ces", 1), ("stars", 3)])
            text = chance.choice(texts)
            known.append(voices.say(at, text, channel=chance.randrange(2), **({metric: score} if text is None else {})))
        elif step == "work":
            voices.work()
        elif step == "roll":
            roll_up(voices.runtime, clock())
        elif known:
            change(voices, step, chance.choice(known), actor, chance)
            if step == "forget":
                known = still(voices, known)
    voices.work()
    roll_up(voices.runtime, clock())
    proof = voices.recount()
    assert proof.rows == dict.fromkeys(TABLES, 0)
    assert proof.waiting == 0
    assert proof.places > 3


def still(voices: Voices, ids: Iterable[UUID]) -> list[UUID]:
    with voices.runtime.db.reading() as session:
        return list(session.scalars(select(Feedback.id).where(Feedback.id.in_(list(ids)))))


def change(voices: Voices, step: str, feedback_id: UUID, actor: Any, chance: random.Random) -> None:
    """Something that changes a feedback after it was stored, with its mark in the same transaction."""
    now = voices.runtime.clock()
    with voices.runtime.db.reading() as session:
        feedback = session.get_one(Feedback, feedback_id)
        keys = [row.key for row in queries_topics(session)]
    processed = feedback.processed_at is not None
    if step == "forget":
        forget(voices, [feedback_id] if processed else [])
        return
    with voices.runtime.db.writing() as session:
        if step == "stance" and processed:
            wanted = chance.choice([Stance.PROMOTER, Stance.PASSIVE, Stance.DETRACTOR])
            correct.correct_stance(session, feedback_id, actor=actor, stance=wanted, now=now)
        elif step == "topics" and processed and feedback.analysis_id:
            correct.correct_topics(session, feedback_id, actor=actor, topics=chance.sample(keys, 2), now=now)
        elif step == "edit":
            statement = update(Feedback).where(Feedback.id == feedback_id)
            session.execute(statement.values(metric=Metric.NPS, score=chance.randrange(11)))
            touch(session, [feedback_id], now=now)
        elif step == "again":
            # As a message that its sender edited: it does not count until the pipeline has been through once more.
            session.execute(update(Feedback).where(Feedback.id == feedback_id).values(text=BAD, processed_at=None))
            publish(session, FeedbackStored(feedback_id), now=now)
            touch(session, [feedback_id], now=now)


def test_a_difference_is_found_named_and_put_right(voices: Voices) -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=LIMA)
    voices.say(at, BAD, nps=0)
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    with voices.runtime.db.writing() as session:
        session.execute(update(RollupScore).values(n=7))
        session.execute(delete(FeedbackTopic))
        channel_id = session.scalars(select(RollupStance.channel_id)).first()
        session.add(RollupStance(day=date(2020, 1, 1), channel_id=channel_id, stance=Stance.PROMOTER, n=3))
    found = voices.recount()
    assert found.rows["rollup_score"] == 1
    assert found.rows["rollup_stance"] == 1
    assert found.rows["rollup_topic"] == 0
    assert found.rows["feedback_topic"] > 0
    assert voices.recount(fix=True).difference == found.difference
    assert voices.recount().difference == 0


def test_two_at_once_never_leave_an_old_count(voices: Voices) -> None:
    """One looks, somebody else counts something newer, then the first one writes: it must give way."""
    at, db = datetime(2026, 3, 3, 12, tzinfo=LIMA), voices.runtime.db
    voices.say(at, nps=0)
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())
    first = voices.say(at, nps=1)
    voices.work()
    with snapshot(db) as session:
        version = session.scalars(select(RollupState.version)).one()
        marks = [mark.id for mark in queries.marks(session, 10)]
        old = survey(session, [first], [], queries.zone(session))
    voices.say(at, nps=2)
    voices.work()
    assert roll_up(voices.runtime, voices.runtime.clock()) == 2
    assert store(db, old, version=version, done=marks) is False
    assert rows(voices, RollupScore, "score", "n") == [(0, 1), (1, 1), (2, 1)]
    assert voices.recount().difference == 0


def test_a_batch_leaves_one_mark_and_twice_changes_nothing(voices: Voices) -> None:
    at = datetime(2026, 3, 3, 12, tzinfo=LIMA)
    roll_up(voices.runtime, voices.runtime.clock())
    for _ in range(10):
        voices.say(at, nps=0)
    voices.work()
    with voices.runtime.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(RollupMark)) == 1
    assert roll_up(voices.runtime, voices.runtime.clock()) == 1
    before = rows(voices, RollupScore, "score", "n")
    assert roll_up(voices.runtime, voices.runtime.clock()) == 0
    assert rows(voices, RollupScore, "score", "n") == before == [(0, 10)]


def test_what_was_there_before_the_rollups_is_counted_and_a_new_zone_cuts_other_days(voices: Voices) -> None:
    voices.say(datetime(2026, 3, 4, 4, 30, tzinfo=UTC), BAD, nps=0)
    voices.work()
    with voices.runtime.db.writing() as session:
        session.execute(delete(RollupMark))
    roll_up(voices.runtime, voices.runtime.clock())
    assert rows(voices, RollupScore, "day", "n") == [(date(2026, 3, 3), 1)]
    with voices.runtime.db.writing() as session:
        session.execute(update(House).values(zone="Europe/Madrid"))
    roll_up(voices.runtime, voices.runtime.clock())
    assert rows(voices, RollupScore, "day", "n") == [(date(2026, 3, 4), 1)]
    assert {day for (day,) in rows(voices, FeedbackTopic, "day")} == {date(2026, 3, 4)}
    assert voices.recount().difference == 0


def test_an_empty_house_has_nothing_to_differ(voices: Voices) -> None:
    proof = voices.recount()
    assert (proof.difference, proof.places, proof.waiting) == (0, 0, 0)


class Dying:
    """A database whose `writing` dies when it is asked for the `fatal`-th time."""

    def __init__(self, db: Database, fatal: int) -> None:
        self.db, self.fatal = db, fatal

    @contextmanager
    def writing(self, **options: Any) -> Iterator[Session]:
        self.fatal -= 1
        if self.fatal == 0:
            raise Busy
        with self.db.writing(**options) as session:
            yield session


def test_killed_between_two_writings_it_is_done_again(voices: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voc.insights.survey.CHUNK", 1)
    at, db = datetime(2026, 3, 3, 12, tzinfo=LIMA), voices.runtime.db
    roll_up(voices.runtime, voices.runtime.clock())
    ids = [voices.say(at, BAD, nps=0) for _ in range(3)]
    voices.work()
    with snapshot(db) as session:
        version = session.scalars(select(RollupState.version)).one()
        found = survey(session, ids, [], queries.zone(session))
        marks = [mark.id for mark in queries.marks(session, 10)]
    with pytest.raises(Busy):
        store(Dying(db, 2), found, version=version, done=marks)  # type: ignore[arg-type]
    assert len(rows(voices, FeedbackTopic, "topic")) > 0
    assert rows(voices, RollupTopic, "n") == []
    roll_up(voices.runtime, voices.runtime.clock())
    assert set(rows(voices, RollupTopic, "n")) == {(3,)}
    assert voices.recount().difference == 0


@dataclass
class Slow:
    """A house in which counting takes its time: each look at the clock is two seconds later."""

    db: Database
    at: datetime

    def clock(self) -> datetime:
        self.at += timedelta(seconds=2)
        return self.at


def test_after_a_long_run_it_rests(voices: Voices) -> None:
    at, slow = datetime(2026, 3, 3, 12, tzinfo=LIMA), Slow(voices.runtime.db, voices.runtime.clock())
    roll_up(voices.runtime, voices.runtime.clock())
    voices.say(at, nps=0)
    voices.work()
    assert roll_up(slow, slow.at) == 1
    voices.say(at, nps=1)
    voices.work()
    assert roll_up(slow, slow.at + timedelta(seconds=10)) == 0
    assert roll_up(slow, slow.at + timedelta(seconds=19)) == 1
    assert voices.recount().difference == 0
