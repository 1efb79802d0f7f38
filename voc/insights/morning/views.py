"""What the Morning page is made of: frozen values, no words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from voc.core.vocabulary import Metric, Stance
from voc.insights.emerging.views import Standout
from voc.insights.statistics import Change, Direction, Estimate

# Periods in days, today included.
PERIODS = (1, 7, 28, 90)


@dataclass(frozen=True, slots=True)
class Window:
    """A period that ends today, and the one of the same length before it. All days are local and inclusive."""

    today: date
    days: int

    @property
    def start(self) -> date:
        """The first day of the period."""
        return self.today - timedelta(days=self.days - 1)

    @property
    def before(self) -> date:
        """The first day of the period before it."""
        return self.start - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class ProofView:
    """The last look for people left behind, and all looks in the period: how many there were, the most ever found."""

    left_behind: int
    found: Mapping[str, int]
    checked_at: datetime
    checks: int
    worst: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits at this moment. `soon` counts what falls due within the time asked for; `pending_since`: since when
    something waits to be counted; `first_day`: the first day with anything counted."""

    promises: int
    overdue: int
    soon: int
    to_judge: int
    judge_overdue: int
    unread: int
    pending_since: datetime | None
    first_day: date | None


@dataclass(frozen=True, slots=True)
class TeamView:
    """The open cases of a team: all, past their next deadline, and due soon."""

    id: UUID
    name: str
    lead: str | None
    open: int
    overdue: int
    soon: int


@dataclass(frozen=True, slots=True)
class IntakeView:
    """What came in today by local hour (24 of each), and what usually comes on this weekday: the mean of the `weeks`
    before that the house has seen; `usual` is empty when it has seen none."""

    today: tuple[int, ...]
    usual: tuple[float, ...]
    weeks: int
    hour: int

    @property
    def n(self) -> int:
        """How many so far."""
        return sum(self.today)

    @property
    def usual_by_now(self) -> float | None:
        """How many usually come until the end of this hour."""
        return sum(self.usual[: self.hour + 1]) if self.usual else None


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One figure: now, before, and whether the change is more than chance; `counts` are the answers as given."""

    metric: Metric
    now: Estimate | None
    before: Estimate | None
    change: Change | None
    counts: Mapping[int, int]
    mean: float | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """One point of the trend: a day or a week that begins on `day`; no figure where nobody answered."""

    day: date
    estimate: Estimate | None
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class TrendView:
    """A figure over time; each bucket is `step` days long."""

    metric: Metric
    step: int
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class StanceView:
    """How many customers stood how in the period."""

    counts: Mapping[Stance, int]

    @property
    def n(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a customer about a topic, cut out of the feedback; `language` None when it was not recognized."""

    feedback_id: UUID
    text: str
    language: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class TopicView:
    """One topic: how much feedback speaks of it, how, how much did before, and whether the share of all feedback
    changed by more than chance."""

    key: str
    n: int
    negative: int
    positive: int
    before: int
    share: Estimate
    direction: Direction | None
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Morning:
    """The whole page."""

    at: datetime
    window: Window
    channel_id: UUID | None
    channels: tuple[tuple[UUID, str], ...]
    proof: ProofView | None
    waiting: Waiting
    teams: tuple[TeamView, ...]
    intake: IntakeView
    scores: tuple[ScoreView, ...]
    trend: TrendView | None
    stances: StanceView
    topics: tuple[TopicView, ...]
    standouts: tuple[Standout, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was ever said to this house."""
        return self.waiting.first_day is None
