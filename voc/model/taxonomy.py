"""The company's taxonomy with its versions, what was learnt of it, and understanding again by it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base
from voc.model.run import Backrun


class Topic(Base):
    """A node of the company's taxonomy: names, words and example sentences per language, as its newest version says.

    `parent_key` is the topic above it. `number` is that of the newest version.
    """

    __tablename__ = "topic"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    names: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    examples: Mapped[dict[str, Any]] = mapped_column(default=dict)
    parent_key: Mapped[str | None] = mapped_column(String(60))
    number: Mapped[int] = mapped_column(default=1)
    team_id: Mapped[UUID | None]
    active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime]


class TopicVersion(Base):
    """What a topic said from one moment on; never changed."""

    __tablename__ = "topic_version"
    __table_args__ = (UniqueConstraint("topic_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topic.id"))
    number: Mapped[int]
    names: Mapped[dict[str, Any]]
    words: Mapped[dict[str, Any]]
    examples: Mapped[dict[str, Any]]
    parent_key: Mapped[str | None] = mapped_column(String(60))
    active: Mapped[bool]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]


class TopicHead(Base):
    """A head learnt from `labelled` texts, and how it did on those kept back; `house.topic_head_id` is the one in use.

    `packed` is None for one that did not win: only its scores are kept. `before_id` is the head that was in use when
    this one came into use. `scores` holds micro-F1 of the words alone, of the head alone and of both, and by topic.
    """

    __tablename__ = "topic_head"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    labelled: Mapped[int]
    held_out: Mapped[int]
    data_hash: Mapped[str] = mapped_column(String(64))
    topics: Mapped[list[Any]]
    scores: Mapped[dict[str, Any]]
    packed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    promoted_at: Mapped[datetime | None]
    stepped_back_at: Mapped[datetime | None]
    before_id: Mapped[UUID | None]


class AnalysisRun(Backrun, Base):
    """Feedback understood again; `topics_only`: what was felt stays, only the topics are looked for again."""

    __tablename__ = "analysis_run"

    topics_only: Mapped[bool] = mapped_column(default=False)
