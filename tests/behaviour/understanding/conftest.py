"""A house whose team keeps its taxonomy, on both databases in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.behaviour.rules.conftest import Shop
from voc.insights.recount import recount
from voc.insights.rollups import roll_up
from voc.model import Analysis, AnalysisRun, Feedback
from voc.pipeline.correct import correct_topics
from voc.pipeline.redo.run import ask_redo
from voc.pipeline.topics import TopicText, save_topic
from voc.runtime import Runtime
from voc.security.access import SYSTEM

LANGUAGES = ("es", "pt", "en")


class House(Shop):
    """A shop that edits its topics."""

    def topic(self, key: str, *words: str, examples: Mapping[str, Sequence[str]] | None = None, **more: Any) -> int:
        """Add a topic with the same words in all languages, or write its next version; returns its number."""
        parent = more.pop("parent", None)
        active = more.pop("active", True)
        said = TopicText(
            dict.fromkeys(LANGUAGES, key.title()), dict.fromkeys(LANGUAGES, words), examples or {}, parent, active
        )
        with self.runtime.db.writing() as session:
            return save_topic(
                session, key, said, actor=more.pop("actor", SYSTEM), now=self.runtime.clock(), **more
            ).number

    def redo(self, *, topics_only: bool = True) -> AnalysisRun:
        with self.runtime.db.writing() as session:
            run_id = ask_redo(session, actor=SYSTEM, since=None, topics_only=topics_only, now=self.runtime.clock()).id
        self.work()
        found: AnalysisRun = self.get(AnalysisRun, run_id)
        return found

    def topics_of(self, feedback_id: UUID) -> set[str]:
        analysis_id = self.get(Feedback, feedback_id).analysis_id
        return {opinion["topic"] for opinion in self.get(Analysis, analysis_id).result["opinions"]}

    def readings(self, feedback_id: UUID) -> list[Analysis]:
        with self.runtime.db.reading() as session:
            return list(
                session.scalars(select(Analysis).where(Analysis.feedback_id == feedback_id).order_by(Analysis.id))
            )

    def corrected(self, feedback_id: UUID, *topics: str) -> None:
        with self.runtime.db.writing() as session:
            correct_topics(session, feedback_id, actor=self.boss, topics=topics, now=self.runtime.clock())

    def counted(self) -> None:
        """Bring the rollups up to date, as the worker does every few moments."""
        roll_up(self.runtime, self.runtime.clock())

    def sound(self) -> None:
        """Nothing is broken, and every number is what the raw rows say."""
        self.work()
        self.counted()
        self.proved()
        assert recount(self.runtime, self.runtime.clock()).difference == 0


@pytest.fixture
def house(runtime: Runtime, work: Callable[[], None]) -> House:
    return House(runtime, work)
