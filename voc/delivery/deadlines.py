"""Telling of missed deadlines: whoever is told of several at once gets one notice that lists them. That each of them
was told is on record elsewhere; this is only how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.vocabulary import ClockKind
from voc.delivery import queries
from voc.delivery.queue import NOTICE_KIND, NOTIFIER_KIND, queue_notice, queue_notifier
from voc.jobs.outbox import registry_of
from voc.model import Work

TEMPLATE = "escalation"
# Lines of one notice; what is more is counted, and stands on the screen.
MOST_LISTED = 20
CASES, JUDGEMENTS = "/inbox?queue=overdue", "/judge"


@dataclass(frozen=True, slots=True)
class Missed:
    """One missed deadline. `due_text`: when it was, as people read it; `link` a path in voc; `case_number` None:
    feedback that waits to be judged; `voice_of` the feedback whose words are shown with it."""

    clock: ClockKind
    due_text: str
    link: str
    case_number: int | None = None
    voice_of: UUID | None = None


def tell_lead(session: Session, user_id: UUID, missed: Sequence[Missed], *, now: datetime) -> None:
    """Mail it to a colleague. What is told at the same moment and has not gone yet becomes one notice."""
    if not _joined(session, NOTICE_KIND, user_id, {"to_user_id": str(user_id)}, missed, now):
        queue_notice(session, user_id=user_id, template=TEMPLATE, variables=_listed(missed), now=now)


def tell_notifiers(session: Session, names: Sequence[str], missed: Sequence[Missed], *, now: datetime) -> None:
    """The same by the notifiers of plugins that the house set for it."""
    for name in names:
        if not _joined(session, NOTIFIER_KIND, None, {"notifier": name}, missed, now):
            queue_notifier(session, name=name, template=TEMPLATE, variables=_listed(missed), urgent=True, now=now)


def spread(data: Mapping[str, Any], public: Callable[[str], str]) -> tuple[dict[str, Any], str | None]:
    """(variables of the notice in this work with addresses that people can open, the feedback whose words it shows)."""
    variables, voice_of = dict(data["variables"]), data.get("voice_of")
    missed, count = variables.pop("missed", None), variables.pop("count", 0)
    if missed and count == 1:
        variables |= missed[0]
        voice_of = variables.pop("voice_of")
    elif missed:
        variables["missed"] = [_line(line, public) for line in missed]
        variables |= {"count": count, "more": count - len(missed), "link": _place(missed)}
        if len({line["link"] for line in missed}) == 1:
            # Both deadlines of one case.
            variables["link"], voice_of = missed[0]["link"], missed[0]["voice_of"]
    link = str(variables.get("link") or "/")
    return {**variables, "link": public(link) if link.startswith("/") else link}, voice_of


def _place(missed: Sequence[Mapping[str, Any]]) -> str:
    """Where all of them stand on the screen."""
    return CASES if any(line["case_number"] for line in missed) else JUDGEMENTS


def _line(line: Mapping[str, Any], public: Callable[[str], str]) -> dict[str, Any]:
    number = line["case_number"]
    return {**line, "case_number": f"C-{number}" if number else None, "link": public(line["link"])}


def _listed(missed: Sequence[Missed]) -> dict[str, Any]:
    return {"missed": [_stored(item) for item in missed[:MOST_LISTED]], "count": len(missed)}


def _stored(item: Missed) -> dict[str, Any]:
    return {**asdict(item), "clock": item.clock.value, "voice_of": str(item.voice_of) if item.voice_of else None}


def _joined(
    session: Session,
    kind: str,
    subject_id: UUID | None,
    whom: Mapping[str, str],
    missed: Sequence[Missed],
    now: datetime,
) -> bool:
    """Whether it was put to a notice that was written at this moment for the same one and waits."""
    lane = registry_of(session).handlers[kind].lane
    for work in queries.written_now(session, kind, lane, subject_id, now):
        if _of(work, whom):
            before = work.data["variables"]
            lines = [*before["missed"], *(_stored(item) for item in missed)][:MOST_LISTED]
            variables = {"missed": lines, "count": before["count"] + len(missed)}
            work.data = {**work.data, "variables": variables}
            session.flush()
            return True
    return False


def _of(work: Work, whom: Mapping[str, str]) -> bool:
    same = all(work.data.get(key) == value for key, value in whom.items())
    return same and work.data.get("template") == TEMPLATE and "missed" in work.data["variables"]
