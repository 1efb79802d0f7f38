"""The case page: who it is, what they said, what we do. The changes are in `acting`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from voc.cases import queries
from voc.cases.views import CaseView
from voc.core.vocabulary import CaseState, ObligationState, Priority, Stance
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.humanize import ago
from voc.web.triage.known import known_by
from voc.web.triage.names import topic_names
from voc.web.triage.pages import blueprint
from voc.web.triage.panels import drawn_panels
from voc.web.triage.queries import machine_readings
from voc.web.triage.ruled import ruled
from voc.web.triage.thread import latest, thread
from voc.web.triage.why import why

_NOTHING_TYPED: dict[str, Any] = {"text": "", "kind": "answer", "resolves": False, "reason": ""}


@blueprint.get("/cases/<uuid:case_id>")
@signed_in("case.view")
def case(case_id: UUID) -> ResponseReturnValue:
    """One case; raises NotFound."""
    return page(case_id)


@blueprint.post("/cases/<uuid:case_id>/draft")
@signed_in("case.view")
def draft(case_id: UUID) -> ResponseReturnValue:
    """The case with a text in the box that was typed before; stores nothing."""
    return page(case_id, text=request.form.get("text", ""), notice=_("Your text is still here, unsent."))


def page(
    case_id: UUID,
    *,
    status: int = 200,
    seen: int | None = None,
    rule: str | None = None,
    notice: str | None = None,
    **typed: Any,
) -> ResponseReturnValue:
    """The case as it stands now. `seen` is the version a refused change was made on; `typed` goes back into fields."""
    viewer = actor()
    with runtime().db.reading() as session:
        view = queries.case_view(session, case_id, viewer=viewer)
        names, machine = topic_names(session), machine_readings(session, view.feedback)
        people, teams = queries.assignable(session), queries.teams(session)
        acted = ruled(session, [item.id for item in view.feedback])
        panels = drawn_panels(session, "case", case_id, view.customer_id)
    if status == 409:
        notice = _faster(view) if rule is None or seen != view.version else rule
    html = render_template(
        "triage/case.html",
        case=view,
        lead=next((item for item in view.feedback if item.stance is Stance.DETRACTOR), view.feedback[0]),
        next_due=min((item.due_at for item in view.clocks if item.due_at), default=None),
        entries=thread(view),
        whys={item.id: why(item) for item in view.feedback},
        waiting=[item for item in view.feedback if item.obligation_state is ObligationState.OPEN],
        names=names,
        machine=machine,
        ruled=acted,
        panels=panels,
        known=known_by(view),
        people=people,
        teams=teams,
        me=viewer,
        priorities=list(Priority),
        stances=list(Stance),
        warning=notice,
        just_resolved="resolved" in request.args and view.state is CaseState.RESOLVED,
        opened=typed.pop("opened", request.args.get("open")),
        typed={**_NOTHING_TYPED, "errors": {}, "to": view.reply_first.key, **typed},
    )
    return make_response(html, status)


def _faster(view: CaseView) -> str:
    """Who changed the case meanwhile, and that nothing typed is lost."""
    last = latest(view)
    if last is None or last.name == actor().name:
        return _("The case changed meanwhile. What was typed is still here, unsent.")
    when = ago(last.at, now(), language())
    if last.answered:
        return _("%(name)s answered %(when)s. Your text is still here, unsent.", name=last.name, when=when)
    return _("%(name)s changed this case %(when)s. What was typed is still here, unsent.", name=last.name, when=when)
