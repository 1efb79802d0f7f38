"""Learning a head from what people corrected and from the examples of the taxonomy, in the background.

It comes into use by itself when it beats the words alone on texts that were kept back, unless somebody stepped back
from the last one: then a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.analysis.examining import LEAST_LABELLED, Examined, examine, fingerprint
from voc.analysis.learning import Labelled, learnable
from voc.analysis.taxonomy import Taxonomy
from voc.audit import audit
from voc.core.errors import Conflict, Invalid
from voc.core.ids import new_id
from voc.jobs import Item, enqueue
from voc.model import TopicHead
from voc.pipeline import queries
from voc.pipeline.heads import queries as heads
from voc.pipeline.process import Context
from voc.pipeline.topics import PERMISSION
from voc.security.access import Actor, require

KIND = "pipeline.learn"
MOST_TEXTS = 5_000
# Texts times topics: what a core learns in about a minute, half of the time for which work is lent.
MOST_PAIRS = 60_000
KEPT = 10


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt, and from what."""

    examined: Examined
    data_hash: str


def gather(session: Session) -> list[Labelled]:
    """Every labelled text: the newest corrections, then the examples; of one text the correction counts."""
    taxonomy = queries.taxonomy(session)
    active = {topic.key for topic in taxonomy.topics}
    found: dict[str, Labelled] = {}
    for topic in queries.topics(session):
        for language, sentences in (topic.examples if topic.active else {}).items():
            for text in sentences:
                known = found[text].topics if text in found else frozenset()
                found[text] = _labelled(taxonomy, text, language, known | {topic.key})
    for text, result in reversed(heads.corrected(session, MOST_TEXTS)):
        if "topics" in result.get("corrected", ()):
            topics = frozenset([opinion["topic"] for opinion in result["opinions"]]) & active
            found.pop(text, None)
            found[text] = _labelled(taxonomy, text, result["language"], topics)
    items = list(found.values())
    return items[-(MOST_PAIRS // max(len(learnable(items)), MOST_PAIRS // MOST_TEXTS)) :]


def _labelled(taxonomy: Taxonomy, text: str, language: str | None, topics: frozenset[str]) -> Labelled:
    return Labelled(text, topics, frozenset([hit.key for hit in taxonomy.find(text, language)]))


def ask_learn(session: Session, *, actor: Actor, now: datetime) -> None:
    """Order learning. Raises Invalid with too few labelled texts, Conflict while it is going on."""
    require(actor, PERMISSION)
    if heads.learning(session, KIND):
        raise Conflict("a head is being learnt already")
    count = len(gather(session))
    if count < LEAST_LABELLED:
        raise Invalid(fields={"labelled": [f"There are {count} labelled texts; at least {LEAST_LABELLED} are needed."]})
    by = {"by": actor.user_id.hex} if actor.user_id else {}
    enqueue(session, KIND, subject_id=None, now=now, data=by)
    audit(session, actor_id=actor.user_id, action="head.asked", subject_id=None, now=now)


def learn_when_due(session: Session, *, now: datetime) -> bool:
    """Order learning when there is something new to learn from; False when there is not."""
    items = gather(session)
    if len(items) < LEAST_LABELLED or heads.learning(session, KIND):
        return False
    if heads.last_head(session)[1] == fingerprint(items):
        return False
    enqueue(session, KIND, subject_id=None, now=now)
    return True


def learn_heads(context: Context, items: Sequence[Item]) -> list[Lesson | None]:
    """Learn without holding the database; None when there is too little to learn from."""
    found: list[Lesson | None] = []
    for _ in items:
        with context.db.reading() as session:
            labelled = gather(session)
        enough = len(labelled) >= LEAST_LABELLED
        found.append(Lesson(examine(labelled), fingerprint(labelled)) if enough else None)
    return found


def store_heads(session: Session, context: Context, pairs: Sequence[tuple[Item, Lesson | None]]) -> None:
    """Keep what was learnt with its scores; its weights only when it won. The same texts give no second head."""
    for item, lesson in pairs:
        number, data_hash = heads.last_head(session)
        if lesson is None or lesson.data_hash == data_hash:
            continue
        now, examined = context.clock(), lesson.examined
        by = UUID(hex=item.data["by"]) if item.data.get("by") else None
        head = TopicHead(
            id=new_id(),
            number=number + 1,
            labelled=examined.labelled,
            held_out=examined.held_out,
            data_hash=lesson.data_hash,
            topics=list(examined.head.topics),
            scores=examined.to_dict(),
            packed=examined.head.pack() if examined.wins else None,
            asked_by=by,
            created_at=now,
            promoted_at=None,
            stepped_back_at=None,
            before_id=None,
        )
        session.add(head)
        session.flush()
        if examined.wins and not heads.held_back(session):
            put_in_use(session, head, now=now)
        old = heads.outdated(session, KEPT)
        session.execute(update(TopicHead).where(TopicHead.id.in_(old)).values(packed=None))
        audit(session, actor_id=by, action="head.learnt", subject_id=head.id, now=now, number=head.number)


def promote(session: Session, head_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Put a head in use that won. Raises NotFound, and Invalid for one that did not win or is kept no more."""
    require(actor, PERMISSION)
    head = heads.head_by_id(session, head_id)
    if head.packed is None:
        raise Invalid(fields={"head": ["This head did not beat the words, or its weights are kept no more."]})
    if put_in_use(session, head, now=now):
        audit(session, actor_id=actor.user_id, action="head.promoted", subject_id=head.id, now=now, number=head.number)


def put_in_use(session: Session, head: TopicHead, *, now: datetime) -> bool:
    """Let new feedback follow a head; False when it does so already."""
    house = queries.house_for_update(session)
    if house.topic_head_id == head.id:
        return False
    if head.promoted_at is None:
        # Only the first time: so the way back never turns in a circle.
        head.before_id = house.topic_head_id
    head.promoted_at, house.topic_head_id = now, head.id
    session.flush()
    return True


def step_back(session: Session, *, actor: Actor, now: datetime) -> None:
    """Back to the head that was in use before, or to the words alone. Raises Conflict when none is in use."""
    require(actor, PERMISSION)
    house = queries.house_for_update(session)
    if house.topic_head_id is None:
        raise Conflict("no head is in use")
    head = heads.head_by_id(session, house.topic_head_id)
    head.stepped_back_at, before_id = now, head.before_id
    while before_id is not None and (before := heads.head_by_id(session, before_id)).packed is None:
        before_id = before.before_id
    house.topic_head_id = before_id
    session.flush()
    audit(session, actor_id=actor.user_id, action="head.stepped_back", subject_id=head.id, now=now, number=head.number)
