"""The company's own taxonomy: names, words and example sentences per language, edited by the CX team, every save a
version that can be looked at and brought back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.phrases import PhraseTable
from voc.analysis.taxonomy import default_rows, lineage
from voc.audit import audit
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import new_id
from voc.core.text import one_line, storable
from voc.core.vocabulary import LANGUAGES
from voc.model import Topic, TopicVersion
from voc.pipeline import queries
from voc.routing.queries import missing_teams
from voc.security.access import Actor, require

PERMISSION = "topic.edit"
MAX_TOPICS = 500
MAX_WORDS = 500
MAX_EXAMPLES = 200
LONGEST_NAME = 80
LONGEST_WORD = 80
LONGEST_EXAMPLE = 500
DEEPEST = 5
_KEY = re.compile(r"[a-z][a-z0-9_]{1,58}")


@dataclass(frozen=True, slots=True)
class TopicText:
    """What one version of a topic says: name, words and example sentences by language (`es`, `pt`, `en`).

    A sentence that stands under several topics is an example of all of them, and of no other.
    """

    names: Mapping[str, str]
    words: Mapping[str, Sequence[str]]
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parent_key: str | None = None
    active: bool = True


def list_topics(session: Session) -> Sequence[Topic]:
    """Every topic, active or not, by key."""
    return queries.topics(session)


def versions_of(session: Session, key: str) -> Sequence[tuple[TopicVersion, str | None]]:
    """The versions of a topic with the name of who wrote each, the newest first; raises NotFound."""
    found = queries.topic_versions(session, key)
    if not found:
        raise NotFound
    return found


def save_topic(
    session: Session,
    key: str,
    said: TopicText,
    *,
    actor: Actor,
    now: datetime,
    team_id: UUID | None = None,
    new: bool = False,
    seen: int | None = None,
) -> Topic:
    """Write the next version of a topic or, with `new`, add one. What was understood before stays.

    `seen` is the version that the writer had before their eyes (None: whichever): another one by now is a Conflict.
    What is as it was makes no new version. Raises Invalid with the fields named, NotFound.
    """
    require(actor, PERMISSION)
    rows = {topic.key: topic for topic in queries.topics_for_update(session)}
    topic = rows.get(key)
    if topic is None and not new:
        raise NotFound
    clean, errors = cleaned(said)
    if new and not _KEY.fullmatch(key):
        errors["key"] = ["Small letters, digits and underscores only."]
    elif new and topic is not None:
        errors["key"] = ["There is such a topic already."]
    elif new and len(rows) >= MAX_TOPICS:
        errors["key"] = ["There are too many topics."]
    if wrong := _parent_error(key, clean.parent_key, rows):
        errors["parent_key"] = [wrong]
    if team_id is not None and missing_teams(session, [team_id]):
        errors["team_id"] = ["There is no such team here."]
    if errors:
        raise Invalid(fields=errors)
    if topic is None:
        topic = _empty(key, now)
        session.add(topic)
    elif seen is not None and seen != topic.number:
        raise Conflict("somebody changed this topic meanwhile")
    topic.team_id = team_id
    if topic.number and _content(topic) == clean:
        return topic
    _write(session, topic, clean, author_id=actor.user_id, now=now)
    audit(
        session,
        actor_id=actor.user_id,
        action="topic.saved",
        subject_id=topic.id,
        now=now,
        key=key,
        number=topic.number,
    )
    return topic


def restore_topic(session: Session, key: str, number: int, *, actor: Actor, seen: int | None, now: datetime) -> Topic:
    """Bring an earlier version back, as the next version. Raises NotFound, Conflict, and Invalid where what it says
    fits no more (its parent stands under it now)."""
    old = next((version for version, _ in versions_of(session, key) if version.number == number), None)
    if old is None:
        raise NotFound
    topic = next(topic for topic in queries.topics(session) if topic.key == key)
    return save_topic(session, key, _content(old), actor=actor, now=now, team_id=topic.team_id, seen=seen)


def add_first_topics(session: Session, *, now: datetime) -> None:
    """The taxonomy that a new house begins with."""
    for row in default_rows():
        said = TopicText(row["names"], row["words"], row.get("examples", {}), row.get("parent"))
        topic = _empty(row["key"], now)
        session.add(topic)
        _write(session, topic, cleaned(said)[0], author_id=None, now=now)


def cleaned(said: TopicText) -> tuple[TopicText, dict[str, list[str]]]:
    """What would be stored, and what is wrong with it by field."""
    errors: dict[str, list[str]] = {}
    names = {language: one_line(storable(said.names.get(language, "")))[:LONGEST_NAME] for language in LANGUAGES}
    words = {language: _lines(said.words.get(language, ())) for language in LANGUAGES}
    examples = {language: _lines(said.examples.get(language, ())) for language in LANGUAGES}
    for language in LANGUAGES:
        if not names[language]:
            errors[f"names.{language}"] = ["The name is missing."]
        if wrong := _words_error(words[language]):
            errors[f"words.{language}"] = [wrong]
        if len(examples[language]) > MAX_EXAMPLES:
            errors[f"examples.{language}"] = ["These are too many sentences."]
        elif any(len(sentence) > LONGEST_EXAMPLE for sentence in examples[language]):
            errors[f"examples.{language}"] = ["A sentence is too long."]
    return TopicText(names, words, examples, said.parent_key or None, said.active), errors


def _lines(values: Sequence[str]) -> list[str]:
    cleaned = (one_line(storable(value)) for value in values)
    return list(dict.fromkeys(line for line in cleaned if line))


def _words_error(words: Sequence[str]) -> str | None:
    """What is wrong with the words of one language."""
    if len(words) > MAX_WORDS:
        return "These are too many words."
    if any(len(word) > LONGEST_WORD for word in words):
        return "A word or phrase is too long."
    try:
        PhraseTable((word, word) for word in words)
    except ValueError as error:
        return str(error)
    return None


def _parent_error(key: str, parent_key: str | None, rows: Mapping[str, Topic]) -> str | None:
    """What is wrong with the place in the tree."""
    if parent_key is None:
        return None
    if parent_key not in rows:
        return "There is no such topic."
    parents = {topic.key: topic.parent_key for topic in rows.values()} | {key: parent_key}
    above = lineage(key, parents)
    if parent_key == key or parents[above[-1]] is not None:
        return "A topic cannot stand under itself."
    if max(len(lineage(one, parents)) for one in parents) >= DEEPEST:
        return "The topics stand too deep under each other."
    return None


def _content(row: Topic | TopicVersion) -> TopicText:
    """What a stored topic or version says."""
    return TopicText(row.names, row.words, row.examples, row.parent_key, row.active)


def _empty(key: str, now: datetime) -> Topic:
    return Topic(id=new_id(), key=key, names={}, words={}, examples={}, number=0, active=True, updated_at=now)


def _write(session: Session, topic: Topic, said: TopicText, *, author_id: UUID | None, now: datetime) -> None:
    """Store a version and make it the present one; nothing is checked here."""
    content: dict[str, Any] = {
        "names": dict(said.names),
        "words": {language: list(lines) for language, lines in said.words.items()},
        "examples": {language: list(lines) for language, lines in said.examples.items()},
        "parent_key": said.parent_key,
        "active": said.active,
    }
    for name, value in content.items():
        setattr(topic, name, value)
    topic.number, topic.updated_at = topic.number + 1, now
    session.flush()
    session.add(
        TopicVersion(
            id=new_id(), topic_id=topic.id, number=topic.number, author_id=author_id, created_at=now, **content
        )
    )
    session.flush()
