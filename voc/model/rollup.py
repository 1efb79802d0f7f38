"""Rollups: narrow daily counts, one table for each axis of a dashboard, and what keeps them true.

A day is the local day of `received_at` in the house's zone. Only feedback that the pipeline has been through counts.
The primary keys serve counting a day again; the indexes hold whatever a period is summed up from, in an order in which
nothing has to be sorted.

Everything here can be computed again from feedback and analyses (`voc insights recount`), but for `Proof`, which is a
record of what was seen at the time.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from voc.core.vocabulary import Metric, Stance
from voc.db.types import Base, closed


class RollupIntake(Base):
    """How much came in: day × channel × local hour (0 to 23) → n."""

    __tablename__ = "rollup_intake"

    day: Mapped[date] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class RollupScore(Base):
    """What was answered: day × channel × metric × score → n. Each score is kept, 0 too: every statistic comes of it."""

    __tablename__ = "rollup_score"
    __table_args__ = (Index("ix_rollup_score_sums", "metric", "score", "day", "channel_id", "n"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    metric: Mapped[Metric] = mapped_column(closed(Metric), primary_key=True)
    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class RollupStance(Base):
    """How customers stood: day × channel × stance → n."""

    __tablename__ = "rollup_stance"
    __table_args__ = (Index("ix_rollup_stance_sums", "stance", "day", "channel_id", "n"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    stance: Mapped[Stance] = mapped_column(closed(Stance), primary_key=True)
    n: Mapped[int]


class RollupTopic(Base):
    """What was spoken of: day × channel × topic × label → n feedback, each topic of a feedback counted once."""

    __tablename__ = "rollup_topic"
    __table_args__ = (Index("ix_rollup_topic_sums", "topic", "label", "day", "channel_id", "n"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(60), primary_key=True)
    label: Mapped[str] = mapped_column(String(12), primary_key=True)
    n: Mapped[int]


class FeedbackTopic(Base):
    """One topic of one feedback with its worst label and the place in the text that says so (code points, half open).

    The index finds the newest words about a topic, and counts a day's topics, without opening an analysis.
    """

    __tablename__ = "feedback_topic"
    __table_args__ = (Index("ix_feedback_topic_said", "channel_id", "day", "topic", "label", "feedback_id"),)

    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(60), primary_key=True)
    label: Mapped[str] = mapped_column(String(12))
    begins: Mapped[int]
    ends: Mapped[int]
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"))
    day: Mapped[date]


class RollupMark(Base):
    """What has to be counted again, written in the same transaction as the change: one row for a whole batch.

    `feedback`: ids (hex) of what changed; `places`: [day, channel id (hex)] of what is to be counted as a whole.
    """

    __tablename__ = "rollup_mark"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback: Mapped[list[Any]]
    places: Mapped[list[Any]]
    created_at: Mapped[datetime]


class RollupState(Base):
    """The one row about the rollups: `version` rises with every writing, so that of two counters one gives way;
    `zone` is the one that days are cut in; nothing is counted before `rest_until`."""

    __tablename__ = "rollup_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    zone: Mapped[str] = mapped_column(String(60))
    rest_until: Mapped[datetime | None]


class Proof(Base):
    """Whether anybody was left behind, as seen on one local day: how often it was looked at, the most people ever
    found, and the last look with what each check found."""

    __tablename__ = "proof"

    day: Mapped[date] = mapped_column(primary_key=True)
    checks: Mapped[int]
    worst: Mapped[int]
    left_behind: Mapped[int]
    found: Mapped[dict[str, Any]]
    checked_at: Mapped[datetime]
