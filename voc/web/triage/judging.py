"""The queue *To judge*: what the machine could not tell, decided by a person with one click."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.cases import queries
from voc.cases.views import QUEUES
from voc.core.errors import Conflict, Invalid
from voc.core.vocabulary import Stance
from voc.pipeline.judge import judge
from voc.routing.book import make_ready
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.i18n import stance_word
from voc.web.triage.pages import blueprint


@blueprint.get("/judge")
@signed_in("case.judge")
def judge_list() -> ResponseReturnValue:
    """What waits to be judged, earliest deadline first."""
    after = request.args.get("after")
    with runtime().db.reading() as session:
        page = queries.judge_page(session, viewer=actor(), now=now(), after=after)
    return render_template("triage/judge.html", queues=QUEUES, rows=page.rows, more=page.next, first=after is None)


@blueprint.post("/judge/<uuid:feedback_id>")
@signed_in("case.judge")
def judge_one(feedback_id: UUID) -> ResponseReturnValue:
    """Decide one; a detractor gets its case at once. Raises NotFound."""
    asked = request.form.get("stance", "")
    stance = Stance(asked) if asked in set(Stance) else Stance.UNKNOWN
    try:
        make_ready(runtime().db)
        with runtime().db.writing() as session:
            judge(session, feedback_id, actor=actor(), stance=stance, now=now())
    except Conflict:
        flash(_("Somebody else judged this a moment ago."), "warn")
    except Invalid:
        flash(_("That could not be changed; this is how it stands now."), "warn")
    else:
        runtime().wake()
        flash(_("Judged: %(stance)s.", stance=stance_word(stance)), "good")
    return redirect("/judge", 303)
