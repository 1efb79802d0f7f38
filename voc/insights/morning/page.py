"""Putting the Morning page together: pure but for the statements of `queries`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from voc.core.vocabulary import Metric, Stance
from voc.insights.days import day_of
from voc.insights.emerging.page import standouts
from voc.insights.morning import queries
from voc.insights.morning.views import (
    Bucket,
    IntakeView,
    Morning,
    Quote,
    ScoreView,
    StanceView,
    TopicView,
    TrendView,
    Window,
)
from voc.insights.statistics import CONFIDENCE, FORMULAS, Direction, change, raw_mean, share, stricter
from voc.security.access import Actor, require

USUAL_WEEKS = 4
TOPICS = 6
QUOTE = 280
# A trend has this many points: days for short periods, weeks for long ones.
TREND_DAYS = 14
TREND_WEEKS = 13

Said = Sequence[tuple[str, str, int, int, date | None]]


def morning(
    session: Session,
    *,
    viewer: Actor,
    now: datetime,
    zone: ZoneInfo,
    soon: timedelta,
    days: int = 28,
    channel_id: UUID | None = None,
    metric: Metric | None = None,
) -> Morning:
    """The page for the period of `days` that ends today, of one channel or of all; a fixed number of statements.

    What waits now is the whole house's: cases belong to teams, not to channels. An unknown channel has no answers.
    """
    require(viewer, "insights.view")
    window = Window(day_of(now, zone), days)
    waiting, channels = queries.waiting(session, now, now + soon), queries.channels(session)
    scores = _scores(queries.scores(session, window, channel_id))
    stances = queries.stances(session, window, channel_id)
    asked = [view.metric for view in scores if view.now is not None]
    chosen = metric if metric is not None else next(iter(asked), None)
    here = [channel_id] if channel_id is not None else [key for key, _ in channels]
    return Morning(
        at=now,
        window=window,
        channel_id=channel_id,
        channels=channels,
        proof=queries.proof(session, window.start),
        waiting=waiting,
        teams=queries.teams(session, now, now + soon),
        intake=_intake(session, window, channel_id, waiting.first_day, now.astimezone(zone).hour),
        scores=scores,
        trend=_trend(session, chosen, window, channel_id) if chosen is not None else None,
        stances=StanceView({stance: stances.get((True, stance), 0) for stance in Stance}),
        topics=_topics(session, queries.topics(session, window, channel_id), stances, here),
        standouts=standouts(session, window.start, window.today, channel_id),
    )


def _scores(answers: Mapping[tuple[bool, Metric], Mapping[int, int]]) -> tuple[ScoreView, ...]:
    """Every figure; stars only where somebody gave any."""
    found = []
    for metric, formula in FORMULAS.items():
        counts, earlier = answers.get((True, metric), {}), answers.get((False, metric), {})
        now, before = formula(counts), formula(earlier)
        if metric is not Metric.STARS or now is not None:
            found.append(ScoreView(metric, now, before, change(now, before), counts, raw_mean(counts)))
    return tuple(found)


def _intake(session: Session, window: Window, channel_id: UUID | None, first_day: date | None, hour: int) -> IntakeView:
    """Today by hour, beside the mean of the same weekday in the weeks before, as far as the house was there."""
    before = [window.today - timedelta(weeks=number) for number in range(1, USUAL_WEEKS + 1)]
    seen = [day for day in before if first_day is not None and day >= first_day]
    found = queries.intake(session, [window.today, *before], channel_id)
    today = found.get(window.today, {})
    usual = [sum(found.get(day, {}).get(hour, 0) for day in seen) / len(seen) for hour in range(24)] if seen else []
    return IntakeView(tuple(today.get(hour, 0) for hour in range(24)), tuple(usual), len(seen), hour)


def _trend(session: Session, metric: Metric, window: Window, channel_id: UUID | None) -> TrendView:
    step, number = (1, TREND_DAYS) if window.days <= 7 else (7, TREND_WEEKS)
    end = window.today + timedelta(days=1)
    edges = [end - timedelta(days=step * back) for back in range(number, -1, -1)]
    counts = queries.series(session, metric, edges, channel_id)
    buckets = (Bucket(day, FORMULAS[metric](found), found) for day, found in zip(edges, counts, strict=False))
    return TrendView(metric, step, tuple(buckets))


def _topics(
    session: Session, said: Said, stances: Mapping[tuple[bool, Stance], int], channel_ids: Sequence[UUID]
) -> tuple[TopicView, ...]:
    """The topics most feedback speaks of, each with the newest words about it."""
    labels: dict[str, dict[str, tuple[int, date]]] = {}
    earlier: dict[str, int] = {}
    for topic, label, n, before, newest in said:
        if newest is not None:
            labels.setdefault(topic, {})[label] = (n, newest)
        earlier[topic] = earlier.get(topic, 0) + before
    counts = {topic: sum(n for n, _ in found.values()) for topic, found in labels.items()}
    top = sorted(counts, key=lambda topic: (-counts[topic], topic))[:TOPICS]
    telling = [(topic, *_telling(labels[topic])) for topic in top]
    quotes = queries.quotes(session, telling, channel_ids, QUOTE)
    whole = sum(n for (current, _), n in stances.items() if current)
    whole_before = sum(n for (current, _), n in stances.items() if not current)
    confidence = stricter(CONFIDENCE, len(top))
    return tuple(
        _topic(topic, labels[topic], earlier.get(topic, 0), (whole, whole_before), confidence, quotes.get(topic))
        for topic in top
    )


def _topic(
    key: str,
    labels: Mapping[str, tuple[int, date]],
    before: int,
    whole: tuple[int, int],
    confidence: float,
    quote: Quote | None,
) -> TopicView:
    n = sum(count for count, _ in labels.values())
    now = share(n, max(whole[0], n))
    assert now is not None  # noqa: S101  (a topic without feedback is not listed)
    return TopicView(
        key=key,
        n=n,
        negative=labels.get("negative", (0, None))[0],
        positive=labels.get("positive", (0, None))[0],
        before=before,
        share=now,
        direction=_direction(n, before, whole, confidence),
        quote=quote,
    )


def _direction(n: int, before: int, whole: tuple[int, int], confidence: float) -> Direction | None:
    """Whether the share of feedback that speaks of it changed by more than chance; None without a period before.

    A feedback that is being counted this moment may be in one rollup and not yet in the other.
    """
    now, earlier = share(n, max(whole[0], n), confidence), share(before, max(whole[1], before), confidence)
    found = change(now, earlier)
    return found.direction if found is not None else None


def _telling(labels: Mapping[str, tuple[int, date]]) -> tuple[str, date]:
    """Which opinion is quoted: a bad one where there is any, else a good one; with its newest day."""
    for label in ("negative", "positive"):
        if label in labels:
            return label, labels[label][1]
    label = max(labels, key=lambda name: labels[name][1])
    return label, labels[label][1]
