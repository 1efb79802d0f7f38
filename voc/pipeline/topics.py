"""The company's own taxonomy: names and words per language, edited by the CX team."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.taxonomy import Taxonomy
from voc.audit import audit
from voc.core.errors import Invalid, NotFound
from voc.core.ids import new_id
from voc.core.text import one_line, storable
from voc.core.vocabulary import LANGUAGES
from voc.model import Topic
from voc.pipeline import queries
from voc.security.access import Actor, require

MAX_WORDS = 500
_KEY = re.compile(r"[a-z][a-z0-9_]{1,58}")


def list_topics(session: Session) -> Sequence[Topic]:
    """Every topic, active or not."""
    return queries.topics(session)


def save_topic(
    session: Session,
    key: str,
    *,
    actor: Actor,
    names: Mapping[str, str],
    words: Mapping[str, Sequence[str]],
    active: bool,
    now: datetime,
    team_id: UUID | None = None,
    new: bool = False,
) -> None:
    """Change a topic or, with `new`, add one. What was understood before stays; new feedback follows the new words."""
    require(actor, "topic.edit")
    clean_names = {language: one_line(names.get(language, ""))[:80] for language in LANGUAGES}
    clean_words = {language: _words(words.get(language, ())) for language in LANGUAGES}
    errors: dict[str, list[str]] = {
        f"names.{language}": ["The name is missing."] for language in LANGUAGES if not clean_names[language]
    }
    for language in LANGUAGES:
        if len(clean_words[language]) > MAX_WORDS:
            errors[f"words.{language}"] = ["These are too many words."]
    if new and not _KEY.fullmatch(key):
        errors["key"] = ["Small letters, digits and underscores only."]
    if not errors:
        try:
            Taxonomy.from_rows([{"key": key, "names": clean_names, "words": clean_words}])
        except ValueError as error:
            errors["words.es"] = [str(error)]
    if errors:
        raise Invalid(fields=errors)
    topic = next((topic for topic in queries.topics(session) if topic.key == key), None)
    if topic is None and not new:
        raise NotFound
    if topic is None:
        topic = Topic(id=new_id(), key=key, names={}, words={}, team_id=None, active=True, updated_at=now)
        session.add(topic)
    elif new:
        raise Invalid(fields={"key": ["There is such a topic already."]})
    topic.names, topic.words, topic.active, topic.updated_at = dict(clean_names), dict(clean_words), active, now
    topic.team_id = team_id if team_id is not None else topic.team_id
    audit(session, actor_id=actor.user_id, action="topic.saved", subject_id=topic.id, now=now, key=key)


def _words(values: Sequence[str]) -> list[str]:
    cleaned = (one_line(storable(value))[:80] for value in values)
    return list(dict.fromkeys(word for word in cleaned if word))
