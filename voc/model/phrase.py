"""What customers say in their own words: keyphrases by feedback, counted by day, and what was found among them.

A day is the local day of `received_at` in the house's zone, as for the other rollups. Only the last months are kept.
Phrases and counts can be made again from feedback (`voc insights recount`); what was found follows from the counts.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base


class RollupPhrase(Base):
    """How many people used a phrase: day × channel × language × phrase → n, `unhappy` of them detractors.

    Somebody who says it twice a day counts once. Only phrases that enough people used within the days that are kept;
    the empty phrase stands for whatever was said in that language.
    """

    __tablename__ = "rollup_phrase"
    __table_args__ = (Index("ix_rollup_phrase_said", "language", "phrase", "day", "n"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    phrase: Mapped[str] = mapped_column(String(80), primary_key=True)
    n: Mapped[int]
    unhappy: Mapped[int]


class FeedbackPhrase(Base):
    """The keyphrases of one feedback of the last months, one a line, with what they are counted by.

    `person`: the customer, else the contact point, else the feedback itself.
    """

    __tablename__ = "feedback_phrase"
    __table_args__ = (Index("ix_feedback_phrase_day", "day", "feedback_id"),)

    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    day: Mapped[date]
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channel.id"))
    language: Mapped[str] = mapped_column(String(8))
    person: Mapped[UUID]
    unhappy: Mapped[bool]
    phrases: Mapped[str] = mapped_column(Text, info={"personal": True})


class PhraseState(Base):
    """The one row about phrases: they are kept from `since` on, as `made` by that version of the extraction. The counts
    are those of version `counted` of the rollups on the local day `counted_day`; `turn` rises with each counting, and
    nothing is counted before `rest_until`."""

    __tablename__ = "phrase_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[date]
    made: Mapped[int]
    counted: Mapped[int | None]
    counted_day: Mapped[date | None]
    turn: Mapped[int]
    rest_until: Mapped[datetime | None]


class Emerging(Base):
    """What was said more often than expected in the days up to `day`: `tested` phrases, and what was found, the most
    surprising first, as `voc.insights.emerging.views` reads it. The last weeks follow what is counted; older days are
    a record."""

    __tablename__ = "emerging"

    day: Mapped[date] = mapped_column(primary_key=True)
    tested: Mapped[int]
    findings: Mapped[list[Any]]
    counted_at: Mapped[datetime]
