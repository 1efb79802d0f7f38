"""The company's names for its topics, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from voc.pipeline import topics
from voc.web.here import language


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Names by key: of every topic there ever was, and of those that can be chosen now."""

    known: dict[str, str]
    active: dict[str, str]


def topic_names(session: Session) -> TopicNames:
    """Both, in one statement; a topic without a name in this language is called by another one."""
    spoken, rows = language(), topics.list_topics(session)
    known = {row.key: row.names.get(spoken) or next(iter(row.names.values()), row.key) for row in rows}
    return TopicNames(known, {row.key: known[row.key] for row in rows if row.active})
