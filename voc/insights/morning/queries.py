"""SELECTs of the Morning page: a fixed number of statements, none of which looks at feedback that is done with.

Rollups are read by day, so that a page costs the same after a million feedback as after ten thousand. What waits now
comes from partial indexes over what is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnClause,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    column,
    func,
    literal_column,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from voc.core.vocabulary import SCALES, CaseState, Metric, ObligationState, ReceiptState, Stance
from voc.db.types import closed, word
from voc.insights.morning.views import ProofView, Quote, TeamView, Waiting, Window
from voc.model import (
    Analysis,
    Case,
    Channel,
    Feedback,
    FeedbackTopic,
    Judgement,
    Obligation,
    Proof,
    Receipt,
    RollupIntake,
    RollupMark,
    RollupScore,
    RollupStance,
    RollupTopic,
    Team,
    Topic,
    User,
)
from voc.plugin.analyzer import SentimentLabel

# Of how many of the newest feedback on a topic words are looked for: some may have lost theirs by the right to erasure.
QUOTES = 3

Rollup = type[RollupScore] | type[RollupStance] | type[RollupTopic]


def channels(session: Session) -> tuple[tuple[UUID, str], ...]:
    """(id, name) of every channel."""
    return tuple((row.id, row.name) for row in session.execute(select(Channel.id, Channel.name).order_by(Channel.name)))


def _listed(name: str, columns: Sequence[ColumnClause[Any]], rows: Iterable[Sequence[str | int]]) -> CTE:
    """Constant words and numbers of ours as a table. Spelled out, so that the statement around it is compiled once."""
    lines = (", ".join(f"{value!r} AS {key.name}" for key, value in zip(columns, row, strict=True)) for row in rows)
    return text(" UNION ALL ".join(f"SELECT {line}" for line in lines)).columns(*columns).cte(name)


_SCALE = _listed(
    "scale",
    [column("metric", closed(Metric)), column("score", Integer)],
    [(metric.value, score) for metric, (low, high) in SCALES.items() for score in range(low, high + 1)],
)
_STANCES = _listed("stances", [column("stance", closed(Stance))], [(stance.value,) for stance in Stance])
_LABELS = _listed("labels", [column("label", String)], [(label,) for label in get_args(SentimentLabel)])


def _sums(table: Rollup, keys: FromClause, window: Window, channel_id: UUID | None) -> Select[Any]:
    """For each row of `keys`: its columns, n in the period, n in the one before it, the newest day in the period.

    Each sum walks along one stretch of an index; grouping all rows at once would have to sort them first.
    """

    def within(what: Any, first: date, last: date) -> Any:
        statement = select(what).where(table.day >= first, table.day <= last)
        statement = statement.where(*(getattr(table, key.name) == key for key in keys.c))
        if channel_id is not None:
            statement = statement.where(table.channel_id == channel_id)
        return statement.correlate(keys).scalar_subquery()

    return select(
        *keys.c,
        within(func.sum(table.n), window.start, window.today).label("now"),
        within(func.sum(table.n), window.before, window.start - timedelta(days=1)).label("earlier"),
        within(func.max(table.day), window.start, window.today).label("newest"),
    )


def scores(session: Session, window: Window, channel_id: UUID | None) -> dict[tuple[bool, Metric], dict[int, int]]:
    """Answers by (whether in the period itself, metric): score to n."""
    found: dict[tuple[bool, Metric], dict[int, int]] = {}
    for metric, score, now, earlier, _ in session.execute(_sums(RollupScore, _SCALE, window, channel_id)):
        for current, n in ((True, now), (False, earlier)):
            if n:
                found.setdefault((current, metric), {})[score] = int(n)
    return found


def stances(session: Session, window: Window, channel_id: UUID | None) -> dict[tuple[bool, Stance], int]:
    """Feedback by (whether in the period itself, stance)."""
    found: dict[tuple[bool, Stance], int] = {}
    for stance, now, earlier, _ in session.execute(_sums(RollupStance, _STANCES, window, channel_id)):
        found |= {(current, stance): int(n) for current, n in ((True, now), (False, earlier)) if n}
    return found


def topics(session: Session, window: Window, channel_id: UUID | None) -> list[tuple[str, str, int, int, date | None]]:
    """(topic, label, n in the period, n in the one before, newest day in the period) of every topic of the taxonomy
    that was spoken of."""
    keys = select(Topic.key.label("topic"), _LABELS.c.label).select_from(Topic).join(_LABELS, true()).subquery()
    return [
        (topic, label, int(now or 0), int(earlier or 0), newest)
        for topic, label, now, earlier, newest in session.execute(_sums(RollupTopic, keys, window, channel_id))
        if now or earlier
    ]


def series(session: Session, metric: Metric, edges: Sequence[date], channel_id: UUID | None) -> list[dict[int, int]]:
    """Answers between each edge and the next: score to n; the last edge is not in it."""
    number = case(*((RollupScore.day < edge, at) for at, edge in enumerate(edges[1:])), else_=-1).label("bucket_number")
    statement = (
        select(number, RollupScore.score, func.sum(RollupScore.n))
        .where(RollupScore.day >= edges[0], RollupScore.day < edges[-1], RollupScore.metric == metric)
        .group_by(literal_column("bucket_number"), RollupScore.score)
    )
    if channel_id is not None:
        statement = statement.where(RollupScore.channel_id == channel_id)
    found: list[dict[int, int]] = [{} for _ in edges[1:]]
    for at, score, n in session.execute(statement):
        found[at][score] = int(n)
    return found


def intake(session: Session, days: Iterable[date], channel_id: UUID | None) -> dict[date, dict[int, int]]:
    """What came in on these days by local hour."""
    statement = (
        select(RollupIntake.day, RollupIntake.hour, func.sum(RollupIntake.n))
        .where(RollupIntake.day.in_(list(days)))
        .group_by(RollupIntake.day, RollupIntake.hour)
    )
    if channel_id is not None:
        statement = statement.where(RollupIntake.channel_id == channel_id)
    found: dict[date, dict[int, int]] = {}
    for day, hour, n in session.execute(statement):
        found.setdefault(day, {})[hour] = int(n)
    return found


def quotes(
    session: Session, wanted: Sequence[tuple[str, str, date]], channel_ids: Sequence[UUID], limit: int
) -> dict[str, Quote]:
    """The newest words by topic, of the label and the day given for it; one statement, none when nothing is wanted.

    `limit` is how long a quote may be at most, in characters.
    """
    if not wanted or not channel_ids:
        return {}
    newest = union_all(*(_newest(topic, label, day, channel_ids) for topic, label, day in wanted)).subquery()
    length = newest.c.ends - newest.c.begins
    length = case((length > limit, limit), else_=length)
    rows = session.execute(
        select(
            newest.c.topic,
            Feedback.id,
            func.substr(Feedback.text, newest.c.begins + 1, length).label("words"),
            Analysis.language,
            Feedback.received_at,
        )
        .join(Feedback, Feedback.id == newest.c.feedback_id)
        .outerjoin(Analysis, Analysis.id == Feedback.analysis_id)
        .order_by(Feedback.id.desc())
    )
    found: dict[str, Quote] = {}
    for topic, feedback_id, words, language, received_at in rows:
        if words and words.strip():
            found.setdefault(topic, Quote(feedback_id, words, language, received_at))
    return found


def _newest(topic: str, label: str, day: date, channel_ids: Sequence[UUID]) -> Select[Any]:
    inner = (
        select(FeedbackTopic.topic, FeedbackTopic.feedback_id, FeedbackTopic.begins, FeedbackTopic.ends)
        .where(
            FeedbackTopic.channel_id.in_(channel_ids),
            FeedbackTopic.day == day,
            FeedbackTopic.topic == topic,
            FeedbackTopic.label == label,
        )
        .order_by(FeedbackTopic.feedback_id.desc())
        .limit(QUOTES)
        .subquery()
    )
    return select(inner)


def teams(session: Session, now: datetime, soon: datetime) -> tuple[TeamView, ...]:
    """Every team with its open cases, those who need help most first."""
    late = case((Case.next_due_at <= now, 1), else_=0)
    near = case((and_(Case.next_due_at > now, Case.next_due_at <= soon), 1), else_=0)
    load = (
        select(Case.team_id, func.count().label("open"), func.sum(late).label("overdue"), func.sum(near).label("soon"))
        .where(Case.state == word(CaseState.OPEN))
        .group_by(Case.team_id)
        .subquery()
    )
    rows = session.execute(
        select(Team.id, Team.name, User.name.label("lead"), load.c.open, load.c.overdue, load.c.soon)
        .outerjoin(load, load.c.team_id == Team.id)
        .outerjoin(User, and_(User.id == Team.lead_id, User.active))
    )
    found = [
        TeamView(row.id, row.name, row.lead, int(row.open or 0), int(row.overdue or 0), int(row.soon or 0))
        for row in rows
    ]
    return tuple(sorted(found, key=lambda team: (-team.overdue, -team.soon, -team.open, team.name)))


def waiting(session: Session, now: datetime, soon: datetime) -> Waiting:
    """What waits, each number from a partial index over what is not done: one statement."""
    promised = Obligation.state == word(ObligationState.OPEN)
    undecided = Judgement.decided_at.is_(None)
    row = session.execute(
        select(
            _count(Obligation.id, promised),
            _count(Obligation.id, promised, Obligation.due_at <= now),
            _count(Obligation.id, promised, Obligation.due_at > now, Obligation.due_at <= soon),
            _count(Judgement.feedback_id, undecided),
            _count(Judgement.feedback_id, undecided, Judgement.due_at <= now),
            _count(Receipt.id, Receipt.state == word(ReceiptState.STORED)),
            _count(Feedback.id, Feedback.processed_at.is_(None)),
            select(RollupMark.created_at).order_by(RollupMark.id).limit(1).scalar_subquery(),
            select(func.min(RollupIntake.day)).scalar_subquery(),
        )
    ).one()
    promises, overdue, near, to_judge, late, receipts, feedback, pending_since, first_day = row
    return Waiting(promises, overdue, near, to_judge, late, receipts + feedback, pending_since, first_day)


def _count(key: InstrumentedAttribute[UUID], *conditions: Any) -> Any:
    return select(func.count(key)).where(*conditions).scalar_subquery()


def proof(session: Session, since: date) -> ProofView | None:
    """The last look for people left behind, with all looks since a day; None when nobody ever looked."""
    latest = session.scalars(select(Proof).order_by(Proof.day.desc()).limit(1)).first()
    if latest is None:
        return None
    checks, worst = session.execute(
        select(func.sum(Proof.checks), func.max(Proof.worst)).where(Proof.day >= min(since, latest.day))
    ).one()
    return ProofView(latest.left_behind, latest.found, latest.checked_at, int(checks), int(worst))
