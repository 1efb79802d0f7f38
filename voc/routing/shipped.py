"""The rules that come with voc. They can be changed and switched off like any other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.model import Rule
from voc.routing import queries
from voc.routing.actions import BY_SEVERITY, BY_TOPIC, Actions
from voc.routing.saving import write_version

DETRACTORS = "detractors"
NAMES = {
    "es": "Quien está descontento recibe respuesta",
    "pt": "Quem está descontente recebe resposta",
    "en": "Detractors get a case",
}
CONDITION = 'stance == "detractor"'
ACTIONS = Actions(open_case=True, start_clock=True, team=BY_TOPIC, priority=BY_SEVERITY)


def add_shipped_rules(session: Session, *, language: str, now: datetime) -> None:
    """Write the rules that are not there yet, behind those of the house; twice is once."""
    if queries.shipped_rule(session, DETRACTORS) is not None:
        return
    rules = queries.rules_for_update(session)
    rule = Rule(
        id=new_id(),
        place=rules[-1].place + 1 if rules else 1,
        active=True,
        version_id=None,
        shipped=DETRACTORS,
        created_at=now,
        updated_at=now,
    )
    session.add(rule)
    session.flush()
    write_version(
        session,
        rule,
        number=1,
        name=NAMES.get(language, NAMES["en"]),
        condition=CONDITION,
        actions=ACTIONS,
        stops=False,
        author_id=None,
        now=now,
    )
