"""The names of competitors: a customer who names one may be about to leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from voc.analysis.risks import rival_words
from voc.audit import audit
from voc.core.errors import Invalid
from voc.core.text import one_line, storable
from voc.pipeline import queries
from voc.security.access import Actor, require

PERMISSION = "topic.edit"
MOST = 200
LONGEST = 80


def competitors(session: Session) -> list[str]:
    """The names, in the order in which they were written."""
    return list(queries.competitors(session))


def save_competitors(session: Session, names: Sequence[str], *, actor: Actor, now: datetime) -> list[str]:
    """Write the whole list anew; empty lines and repetitions are left out. New feedback follows it.

    Raises Invalid under `names` for too many, too long a name, and one in which there is no letter or digit.
    """
    require(actor, PERMISSION)
    clean = list(dict.fromkeys(name for said in names if (name := one_line(storable(said)))))
    if len(clean) > MOST or any(len(name) > LONGEST for name in clean):
        raise Invalid(fields={"names": ["At most 200 names of at most 80 characters."]})
    if not all(rival_words(name) for name in clean):
        raise Invalid(fields={"names": ["A name needs a letter or a digit."]})
    house = queries.house_for_update(session)
    if house.competitors != clean:
        house.competitors = clean
        audit(session, actor_id=actor.user_id, action="competitors.saved", subject_id=None, now=now, count=len(clean))
    return clean
