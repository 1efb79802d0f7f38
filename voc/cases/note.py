"""Notes: what colleagues write to each other on a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases import queries
from voc.core.errors import Invalid
from voc.core.ids import new_id
from voc.core.text import is_blank, storable
from voc.model import Note
from voc.security.access import Actor, require

MAX_TEXT = 20_000


def add_note(session: Session, case_id: UUID, *, actor: Actor, text: str, now: datetime) -> UUID:
    """Add an internal note; it answers nothing and stops no clock."""
    require(actor, "case.note")
    case = queries.case_for_update(session, case_id)
    clean = storable(text).strip()
    if is_blank(clean) or len(clean) > MAX_TEXT or actor.user_id is None:
        raise Invalid(fields={"text": ["Please write something." if is_blank(clean) else "This is too long."]})
    note = Note(id=new_id(), case_id=case.id, author_id=actor.user_id, text=clean, created_at=now)
    session.add(note)
    return note.id
