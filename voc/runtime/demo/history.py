"""What people did in the demo's past: they answered, waived and took over, each at its moment, each once.

Every step is one transaction of the real services with a `now` in the past. An answer is marked as sent in the very
transaction that writes it, and its work is taken away: mail of the demo never leaves the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.cases import queries as cases
from voc.cases.answer import answer, answer_sent
from voc.cases.assign import assign
from voc.cases.note import add_note
from voc.cases.resolve import resolve
from voc.cases.waive import waive
from voc.core.vocabulary import CaseState, ObligationState
from voc.delivery import states
from voc.delivery.queries import SEND_KIND
from voc.model import Work
from voc.runtime.demo import queries
from voc.runtime.demo.data import PREFIX, Demo, Voice
from voc.runtime.demo.queries import Heard
from voc.security import queries as people
from voc.security.access import Actor

WAIVED_AFTER = timedelta(hours=3)
TAKEN_AFTER = timedelta(minutes=40)
# Newer cases still wait for somebody to take them.
FRESH = timedelta(hours=3)
SENT_AFTER = timedelta(seconds=20)
NOTED_AFTER = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that `by` did at `at` about the voice `key`. `text` is the answer, the reason or the new owner."""

    kind: Literal["answer", "waive", "take"]
    at: datetime
    key: str
    by: str
    text: str
    resolve: bool = False
    note: str | None = None

    @property
    def submission_id(self) -> str:
        """The submission this is about."""
        return PREFIX + self.key


def steps(demo: Demo, heard: Mapping[str, Heard], team_names: Mapping[UUID, str], started_at: datetime) -> list[Step]:
    """Everything people did, in the order of time. `team_names`: name of the team by case id."""
    received = {voice.key: voice.received_at(started_at) for voice in demo.voices}
    found = [
        Step("answer", received[r.key] + timedelta(hours=r.after_hours), r.key, r.agent, r.text, r.resolve, r.note)
        for r in demo.replies
    ]
    found += [Step("waive", received[w.key] + WAIVED_AFTER, w.key, w.by, w.reason) for w in demo.waivers]
    settled = {step.key for step in found}
    waiting = [
        voice
        for voice in demo.voices
        if voice.key not in settled and heard[voice.submission_id].case_id and received[voice.key] < started_at - FRESH
    ]
    for number, voice in enumerate(waiting):
        if number % 3 != 2:
            case_id = heard[voice.submission_id].case_id
            team = team_names.get(case_id, "") if case_id else ""
            found += _taking(demo, voice, team, received[voice.key] + TAKEN_AFTER * (1 + number % 3), number)
    return sorted((step for step in found if step.at < started_at), key=lambda step: (step.at, step.key))


def _taking(demo: Demo, voice: Voice, team: str, at: datetime, number: int) -> list[Step]:
    """The team's lead gives the case to somebody of the team who speaks the customer's language, else in turn."""
    item = next((item for item in demo.teams if item["name"] == team), None)
    if item is None:
        return []
    language = {person["email"]: person["language"] for person in demo.users}
    agents = [member for member in item["members"] if member != item["lead"]]
    fitting = [member for member in [*agents, item["lead"]] if language[member] == voice.language]
    owner = fitting[number % len(fitting)] if fitting else agents[number % len(agents)]
    return [Step("take", at, voice.key, item["lead"], owner)]


def take_step(session: Session, step: Step, heard: Heard, *, domain: str) -> bool:
    """Do one step in the caller's transaction; False when it was done before or there is nothing to do."""
    if heard.case_id is None:
        return False
    if step.kind == "answer":
        return _answer(session, step, heard.case_id, domain)
    if step.kind == "waive":
        return _waive(session, step, heard.case_id, heard.feedback_id)
    return _take(session, step, heard.case_id)


def _actor(session: Session, email: str) -> Actor | None:
    user = people.user_by_email(session, email)
    return people.actor_of(session, user.id) if user is not None and user.active else None


def _answer(session: Session, step: Step, case_id: UUID, domain: str) -> bool:
    case, actor = cases.case_for_update(session, case_id), _actor(session, step.by)
    if actor is None or case.state is CaseState.RESOLVED or queries.any_message(session, case_id):
        return False
    message_id = answer(
        session,
        case_id,
        actor=actor,
        text=step.text,
        version=case.version,
        now=step.at,
        domain=domain,
        resolve=step.resolve,
    )
    sent_at = step.at + SENT_AFTER
    states.succeed(session, message_id, at=sent_at, now=sent_at)
    session.execute(
        delete(Work)
        .where(Work.kind == SEND_KIND, Work.subject_id == message_id)
        .execution_options(synchronize_session=False)
    )
    message = cases.message_by_id(session, message_id)
    session.refresh(message)
    answer_sent(session, message, now=sent_at)
    if step.note:
        add_note(session, case_id, actor=actor, text=step.note, now=step.at + NOTED_AFTER)
    return True


def _waive(session: Session, step: Step, case_id: UUID, feedback_id: UUID) -> bool:
    obligation_id, actor = queries.obligation_id(session, feedback_id), _actor(session, step.by)
    if obligation_id is None or actor is None:
        return False
    if cases.obligation_for_update(session, obligation_id).state is not ObligationState.OPEN:
        return False
    waive(session, obligation_id, actor=actor, reason=step.text, now=step.at)
    case = cases.case_for_update(session, case_id)
    if case.state is not CaseState.RESOLVED and not cases.open_obligations(session, case_id):
        resolve(session, case_id, actor=actor, version=case.version, now=step.at)
    return True


def _take(session: Session, step: Step, case_id: UUID) -> bool:
    case, actor = cases.case_for_update(session, case_id), _actor(session, step.by)
    owner = people.user_by_email(session, step.text)
    if actor is None or owner is None or case.owner_id is not None or case.state is CaseState.RESOLVED:
        return False
    assign(session, case_id, actor=actor, owner_id=owner.id, version=case.version, now=step.at)
    return True
