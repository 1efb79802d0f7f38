"""Rules of the CX team: their versions, what each of them did to which feedback, tags, and running them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from voc.db.types import Base
from voc.model.run import Backrun


class Rule(Base):
    """A place in the order of rules. What it says stands in its present version; a rule is switched off, never
    deleted. `shipped` names one that came with voc. `updated_at` rises with every change of any kind."""

    __tablename__ = "rule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(index=True)
    active: Mapped[bool] = mapped_column(default=True)
    version_id: Mapped[UUID | None]
    shipped: Mapped[str | None] = mapped_column(String(30), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RuleVersion(Base):
    """What a rule said from one moment on; never changed. `stops`: rules after it are not asked."""

    __tablename__ = "rule_version"
    __table_args__ = (UniqueConstraint("rule_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("rule.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    condition: Mapped[str] = mapped_column(Text)
    actions: Mapped[dict[str, Any]]
    stops: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]


class RuleMatch(Base):
    """That a version of a rule acted on a feedback, once: what it did, and the values its condition looked at.

    `did` is a list of `{"do": action, "value"?: …, "late"?: true}`; late: an earlier rule had decided that already.
    What a plugin made of it stands in `RuleDeed`.
    `again`: it was found when the rules were run again later.
    """

    __tablename__ = "rule_match"
    __table_args__ = (
        UniqueConstraint("feedback_id", "rule_version_id"),
        Index("ix_rule_match_rule_id_created_at", "rule_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"))
    rule_id: Mapped[UUID] = mapped_column(ForeignKey("rule.id"))
    rule_version_id: Mapped[UUID] = mapped_column(ForeignKey("rule_version.id"))
    again: Mapped[bool] = mapped_column(default=False)
    did: Mapped[list[Any]]
    why: Mapped[dict[str, Any]] = mapped_column(info={"personal": True})
    created_at: Mapped[datetime]


class RuleDeed(Base):
    """That a version of a rule asked a plugin to do something about a feedback, once: the `place` of the action in the
    version, and when it was done, with the plugin's sentence. The row of work that does it has the same id."""

    __tablename__ = "rule_deed"
    __table_args__ = (UniqueConstraint("feedback_id", "rule_version_id", "place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"))
    rule_version_id: Mapped[UUID] = mapped_column(ForeignKey("rule_version.id"))
    place: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text, default="", info={"personal": True})
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class FeedbackTag(Base):
    """A word that a rule hung on a feedback; each word once."""

    __tablename__ = "feedback_tag"
    __table_args__ = (Index("ix_feedback_tag_tag_feedback_id", "tag", "feedback_id"),)

    feedback_id: Mapped[UUID] = mapped_column(ForeignKey("feedback.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    rule_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("rule_version.id"))
    created_at: Mapped[datetime]


class RuleRun(Backrun, Base):
    """The rules run again over what came in before."""

    __tablename__ = "rule_run"
