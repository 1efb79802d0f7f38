"""What the Morning page says, on both databases: honest numbers, a fixed number of statements, indexes everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select, text, update

from tests.behaviour.insights.conftest import Voices
from tests.conftest import START
from voc.cases.queries import case_for_update
from voc.core.vocabulary import Metric, RoleName, Stance
from voc.insights.morning.page import morning
from voc.insights.morning.views import Morning
from voc.insights.proof import record
from voc.insights.rollups import roll_up
from voc.model import Case, Feedback
from voc.pipeline.prove import ON_THE_WALK, prove
from voc.pipeline.verify import verify
from voc.pipeline.verify.report import LEFT_BEHIND
from voc.pipeline.verify.run import STATEMENTS
from voc.security.access import Actor

LIMA = ZoneInfo("America/Lima")
AGENT = Actor(None, RoleName.AGENT, frozenset(), "Camila")
BAD, GOOD = "The delivery was terrible and late.", "Excellent delivery, I love it."


def page(voices: Voices, *, at: datetime = START, **asked: Any) -> Morning:
    with voices.runtime.db.reading() as session:
        return morning(session, viewer=AGENT, now=at, zone=LIMA, soon=timedelta(hours=2), **asked)


def counted(voices: Voices) -> None:
    voices.work()
    roll_up(voices.runtime, voices.runtime.clock())


def statements(voices: Voices, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(voices.runtime.db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(voices.runtime.db.engine, "before_cursor_execute", note)
    return len(seen)


def test_an_empty_house_has_no_scores(voices: Voices) -> None:
    found = page(voices)
    assert found.empty
    assert [view.now for view in found.scores] == [None, None, None]
    assert (found.trend, found.topics, found.proof) == (None, (), None)
    assert found.stances.n == 0


def test_scores_with_n_interval_and_change(voices: Voices) -> None:
    for days, score in ((1, 10), (2, 0), (9, 0), (10, 0)):
        voices.say(START - timedelta(days=days), nps=score)
    voices.say(START, csat=5)
    counted(voices)
    found = page(voices, days=7)
    score = next(view for view in found.scores if view.metric is Metric.NPS)
    assert score.now is not None
    assert score.before is not None
    assert score.change is not None
    assert (score.now.value, score.now.n, score.counts) == (0.0, 2, {10: 1, 0: 1})
    assert (score.before.value, score.before.n) == (-100.0, 2)
    assert score.now.low < 0 < score.now.high
    assert score.change.direction == "unclear"
    assert not found.empty
    assert found.trend is not None
    assert [bucket.estimate.n for bucket in found.trend.buckets if bucket.estimate] == [1, 1, 1, 1]
    assert len(found.trend.buckets) == 14


def test_a_channel_shows_its_own_numbers(voices: Voices) -> None:
    other = voices.channel()
    voices.say(START, BAD, nps=0)
    voices.say(START, GOOD, channel=1, nps=10)
    counted(voices)
    found = page(voices, days=1, channel_id=other)
    assert [view.now.value for view in found.scores if view.now] == [100.0]
    assert found.stances.counts[Stance.PROMOTER] == 1
    assert found.topics
    assert all(topic.quote and topic.quote.text in GOOD for topic in found.topics)
    nobody = page(voices, channel_id=UUID(int=7))
    assert nobody.stances.n == 0
    assert nobody.topics == ()


def test_today_is_the_houses_day(voices: Voices) -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=LIMA)
    voices.say(late, nps=0)
    counted(voices)
    evening, next_day = page(voices, at=late + timedelta(minutes=5), days=1), page(voices, at=START, days=1)
    assert (evening.intake.n, evening.intake.today[23], evening.intake.hour) == (1, 1, 23)
    assert (next_day.intake.n, next_day.stances.n) == (0, 0)
    assert evening.window.today == date(2026, 3, 3)


def test_what_is_usual_counts_only_weeks_the_house_has_seen(voices: Voices) -> None:
    for weeks in (1, 2):
        voices.say(START - timedelta(weeks=weeks), nps=5)
    voices.say(START - timedelta(weeks=1), nps=5)
    counted(voices)
    found = page(voices).intake
    assert (found.weeks, found.usual[10], found.usual_by_now) == (2, 1.5, 1.5)


def test_topics_quote_the_newest_words_and_say_whether_they_grew(voices: Voices) -> None:
    for _ in range(30):
        voices.say(START - timedelta(days=40), "Everything was fine.", nps=7)
    for _ in range(29):
        voices.say(START - timedelta(hours=3), BAD, nps=7)
    newest = voices.say(START - timedelta(hours=2), "My delivery was terrible, so late.", nps=7)
    counted(voices)
    topic = next(topic for topic in page(voices).topics if topic.key == "delivery")
    assert (topic.n, topic.before, topic.negative) == (30, 0, 30)
    assert topic.direction == "up"
    assert topic.quote is not None
    assert (topic.quote.feedback_id, topic.quote.language) == (newest, "en")
    assert topic.quote.text in "My delivery was terrible, so late."


def test_words_that_were_erased_are_not_quoted(voices: Voices) -> None:
    older = voices.say(START - timedelta(hours=3), BAD, nps=1)
    newest = voices.say(START - timedelta(hours=2), BAD, nps=1)
    counted(voices)
    with voices.runtime.db.writing() as session:
        session.execute(update(Feedback).where(Feedback.id == newest).values(text=None))
    quote = page(voices).topics[0].quote
    assert quote is not None
    assert quote.feedback_id == older


def test_teams_and_promises_are_live(voices: Voices) -> None:
    voices.say(START - timedelta(hours=1), nps=0)
    voices.say(START - timedelta(hours=1), nps=0)
    voices.say(START, "Ich war gestern in der Tienda.")
    voices.work()
    with voices.runtime.db.writing() as session:
        first, second = session.scalars(select(Case.id).order_by(Case.id)).all()
        case_for_update(session, first).next_due_at = START - timedelta(minutes=1)
        case_for_update(session, second).next_due_at = START + timedelta(hours=1)
    found = page(voices)
    assert [(team.open, team.overdue, team.soon) for team in found.teams] == [(2, 1, 1)]
    assert (found.waiting.promises, found.waiting.to_judge) == (2, 1)
    assert found.empty
    later = page(voices, at=START + timedelta(days=30))
    assert later.waiting.overdue == 2
    assert later.waiting.judge_overdue == 1


def test_the_proof_is_that_of_verify(voices: Voices) -> None:
    voices.say(START - timedelta(hours=1), nps=0)
    voices.work()
    assert prove(voices.runtime, START) == 0
    found = page(voices).proof
    assert found is not None
    assert (found.left_behind, found.checks, found.worst) == (0, 1, 0)
    assert set(found.found) == LEFT_BEHIND
    assert LEFT_BEHIND - {check.key for check in STATEMENTS} == set(ON_THE_WALK)
    voices.say(START - timedelta(hours=1), "Ich war gestern in der Tienda.")
    voices.work()
    with voices.runtime.db.writing() as session:
        for table in ("obligation", "judgement"):
            session.execute(text(f"DELETE FROM {table}"))
    assert prove(voices.runtime, START + timedelta(minutes=10)) == 2
    assert verify(voices.runtime, now=START + timedelta(minutes=10)).left_behind == 2
    with voices.runtime.db.writing() as session:
        record(session, {"x": 0}, now=START + timedelta(minutes=20))
    found = page(voices).proof
    assert found is not None
    assert (found.left_behind, found.checks, found.worst) == (0, 3, 2)
    assert found.checked_at == START + timedelta(minutes=20)


def test_a_fixed_number_of_statements(voices: Voices) -> None:
    voices.say(START, BAD, nps=0)
    counted(voices)
    few = statements(voices, lambda: page(voices))
    for _ in range(3):
        voices.channel()
    for number in range(60):
        at = START - timedelta(days=number % 50)
        voices.say(at, (BAD, GOOD)[number % 2], channel=number % 4, nps=number % 11)
    counted(voices)
    assert statements(voices, lambda: page(voices)) == few
    assert few <= 14


@pytest.mark.parametrize(
    ("part", "index"),
    [
        ("FROM feedback_topic", "ix_feedback_topic_said"),
        ('FROM "case"', "ix_case_team_due"),
        ("FROM obligation", "ix_obligation_open"),
        ("FROM rollup_score", "ix_rollup_score_sums"),
        ("FROM rollup_stance", "ix_rollup_stance_sums"),
        ("FROM rollup_topic", "ix_rollup_topic_sums"),
    ],
)
def test_what_is_asked_is_found_by_an_index(sqlite_voices: Voices, part: str, index: str) -> None:
    voices = sqlite_voices
    db = voices.runtime.db
    voices.say(START, BAD, nps=0)
    counted(voices)
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if part in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        page(voices)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert asked
    with db.reading() as session:
        for statement, parameters in asked:
            raw = session.connection().connection.dbapi_connection
            assert raw is not None
            plan = [row[3] for row in raw.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert any(index in line for line in plan), plan


def test_moments_are_aware(voices: Voices) -> None:
    assert page(voices, at=datetime(2026, 3, 4, 3, tzinfo=UTC)).window.today == date(2026, 3, 3)
