"""What a person can do on the case page: answer, note, assign, prioritize, resolve, reopen, try again, waive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from voc.cases import answer, assign, note, resolve, waive
from voc.core.errors import Conflict, Invalid
from voc.core.ids import parse_id
from voc.core.vocabulary import Priority
from voc.delivery.compose import domain_of
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.case import page
from voc.web.triage.pages import blueprint

Change = Callable[[Session], object]


@blueprint.post("/cases/<uuid:case_id>/say")
@signed_in("case.view")
def say(case_id: UUID) -> ResponseReturnValue:
    """Answer the customer, or leave a note; nothing typed is lost when it does not go through."""
    text, version = request.form.get("text", ""), _version()
    kind = _chosen("kind", ("answer", "note"))
    if kind == "note":
        return change(
            case_id,
            lambda session: note.add_note(session, case_id, actor=actor(), text=text, now=now()),
            done=_("Note added."),
            kept={"text": text, "kind": "note"},
        )
    resolves = "resolve" in request.form
    to = _id_or_none("to") if "to" in request.form else None
    domain = domain_of(runtime().settings.mail_from)
    return change(
        case_id,
        lambda session: answer.answer(
            session,
            case_id,
            actor=actor(),
            text=text,
            version=version,
            now=now(),
            domain=domain,
            resolve=resolves,
            to=to,
        ),
        done=_("The answer is on its way."),
        kept={"text": text, "resolves": resolves, "to": to},
    )


def _chosen(name: str, choices: Sequence[str]) -> str:
    """What was chosen; a field that is missing or means nothing is refused, never guessed (Invalid)."""
    value = request.form.get(name)
    if value is None or value not in choices:
        raise Invalid(fields={name: ["Please choose one of the answers shown."]})
    return value


def _id_or_none(name: str) -> UUID | None:
    """The id in a field, None when it was left empty on purpose; raises Invalid when it is missing or none."""
    value = request.form.get(name)
    found = parse_id(value) if value else None
    if value is None or (value and found is None):
        raise Invalid(fields={name: ["Please choose one of the answers shown."]})
    return found


@blueprint.post("/cases/<uuid:case_id>/assign")
@signed_in("case.view")
def give(case_id: UUID) -> ResponseReturnValue:
    """Give the case to somebody, to nobody, or to another team."""
    owner, team = _id_or_none("owner_id"), _id_or_none("team_id") if "team_id" in request.form else None
    version = _version()
    return change(
        case_id,
        lambda session: assign.assign(
            session, case_id, actor=actor(), owner_id=owner, team_id=team, version=version, now=now()
        ),
        done=_("Assigned."),
    )


@blueprint.post("/cases/<uuid:case_id>/priority")
@signed_in("case.view")
def prioritize(case_id: UUID) -> ResponseReturnValue:
    """Change the priority; the clocks follow."""
    priority = Priority(_chosen("priority", tuple(Priority)))
    version = _version()
    return change(
        case_id,
        lambda session: assign.prioritize(
            session, case_id, actor=actor(), priority=priority, version=version, now=now()
        ),
        done=_("Priority changed; the clocks follow."),
    )


@blueprint.post("/cases/<uuid:case_id>/resolve")
@signed_in("case.view")
def close(case_id: UUID) -> ResponseReturnValue:
    """Resolve the case; it can be undone from the next page."""
    version = _version()
    return change(
        case_id,
        lambda session: resolve.resolve(session, case_id, actor=actor(), version=version, now=now()),
        done=None,
        rule=_("Somebody on this case still waits for an answer. Answer or waive it first."),
        goal=f"/cases/{case_id}?resolved=1",
    )


@blueprint.post("/cases/<uuid:case_id>/reopen")
@signed_in("case.view")
def open_again(case_id: UUID) -> ResponseReturnValue:
    """Open a resolved case again."""
    version = _version()
    return change(
        case_id,
        lambda session: resolve.reopen(session, case_id, actor=actor(), version=version, now=now()),
        done=_("The case is open again."),
        rule=_("The case is open already."),
    )


@blueprint.post("/cases/<uuid:case_id>/messages/<uuid:message_id>/retry")
@signed_in("case.view")
def try_again(case_id: UUID, message_id: UUID) -> ResponseReturnValue:
    """Send a failed answer once more."""
    return change(
        case_id,
        lambda session: answer.retry(session, message_id, actor=actor(), now=now()),
        done=_("The answer is on its way again."),
        rule=_("This answer did not fail, or it is on its way again."),
    )


@blueprint.post("/cases/<uuid:case_id>/obligations/<uuid:obligation_id>/waive")
@signed_in("case.waive")
def let_off(case_id: UUID, obligation_id: UUID) -> ResponseReturnValue:
    """Waive one promise of an answer, with a reason that stays on record."""
    reason = request.form.get("reason", "")
    return change(
        case_id,
        lambda session: waive.waive(session, obligation_id, actor=actor(), reason=reason, now=now()),
        done=_("Waived; it stays on record."),
        rule=_("This promise is not open any more."),
        kept={"opened": f"waive-{obligation_id}", "reason": reason},
    )


def change(
    case_id: UUID,
    act: Change,
    *,
    done: str | None,
    rule: str | None = None,
    goal: str | None = None,
    kept: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    """Do `act` in one unit of work and show the case; when it may not be, show it with what was typed (`kept`).

    `rule` says what a Conflict means when nobody was faster.
    """
    try:
        with runtime().db.writing() as session:
            act(session)
    except Conflict:
        return page(case_id, status=409, seen=_version(), rule=rule, **(kept or {}))
    except Invalid as error:
        return page(case_id, status=422, errors=in_words(error.fields), **(kept or {}))
    runtime().wake()
    if done:
        flash(done, "good")
    said = "?said=1" if kept and "text" in kept else ""
    return redirect(goal or f"/cases/{case_id}{said}", 303)


def _version() -> int:
    """The version of the case that the page was drawn from; 0 when it does not say."""
    return request.form.get("version", 0, type=int)
