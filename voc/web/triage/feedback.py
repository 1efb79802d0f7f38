"""All feedback: the list, one of them, and correcting what the machine said of it."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from voc.cases.queries import attachment, feedback_page, feedback_view
from voc.cases.views import QUEUES, FeedbackView
from voc.core.errors import Conflict, Invalid
from voc.core.vocabulary import LANGUAGES, Stance
from voc.intake.queries import channel_names
from voc.pipeline import correct
from voc.routing.book import make_ready
from voc.search.facets import NO_LANGUAGE
from voc.web.account import actor, signed_in
from voc.web.account.paths import local_path
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.triage.finding import asked_of, period_choices, read_search
from voc.web.triage.meaning import alike_counts, asked_by_meaning, meant, similar
from voc.web.triage.names import topic_names
from voc.web.triage.pages import blueprint
from voc.web.triage.queries import machine_readings
from voc.web.triage.ruled import ruled
from voc.web.triage.why import why


@blueprint.get("/feedback")
@signed_in("feedback.view")
def feedback_list() -> ResponseReturnValue:
    """Everything that came in, newest first, or what was asked for."""
    after = request.args.get("after")
    meaning = asked_by_meaning(request.args)
    with runtime().db.reading() as session:
        channels = channel_names(session)
        search = read_search(request.args, channels)
        asked = asked_of(search, channels, now())
        if meaning.question is not None:
            page = meant(session, meaning, asked.filters)
        else:
            page = feedback_page(session, asked, after=after)
        names = topic_names(session).known
        alike = alike_counts(session, [row.id for row in page.rows])
    return render_template(
        "triage/feedback_list.html",
        queues=QUEUES,
        search=search,
        hopeless=asked.hopeless,
        query=asked.query,
        channels=channels,
        languages=[*LANGUAGES, NO_LANGUAGE],
        periods=period_choices(),
        stances=list(Stance),
        rows=page.rows,
        more=page.next,
        first=after is None,
        names=names,
        meaning=meaning,
        alike=alike,
    )


@blueprint.get("/feedback/<uuid:feedback_id>")
@signed_in("feedback.view")
def feedback(feedback_id: UUID) -> ResponseReturnValue:
    """One feedback; raises NotFound."""
    with runtime().db.reading() as session:
        view = feedback_view(session, feedback_id)
        names, machine = topic_names(session), machine_readings(session, [view]).get(feedback_id)
        acted = ruled(session, [feedback_id])
        others, near = alike_counts(session, [feedback_id]).get(feedback_id, 0), similar(session, feedback_id)
    return render_template(
        "triage/feedback.html",
        item=view,
        why=why(view),
        machine=machine,
        names=names,
        me=actor(),
        ruled=acted,
        alike=others,
        similar=near,
    )


@blueprint.get("/feedback/<uuid:feedback_id>/files/<uuid:file_id>")
@signed_in("feedback.view")
def file(feedback_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """A file that came along, as a download: never shown by the browser, whatever it claims to be."""
    with runtime().db.reading() as session:
        name, body = attachment(session, feedback_id, file_id)
    return send_file(BytesIO(body), "application/octet-stream", as_attachment=True, download_name=name, etag=False)


@blueprint.post("/feedback/<uuid:feedback_id>/stance")
@signed_in("case.correct")
def correct_stance(feedback_id: UUID) -> ResponseReturnValue:
    """Correct the stance by one click."""
    asked = request.form.get("stance", "")
    stance = Stance(asked) if asked in set(Stance) else Stance.UNKNOWN
    try:
        make_ready(runtime().db)
        with runtime().db.writing() as session:
            correct.correct_stance(session, feedback_id, actor=actor(), stance=stance, now=now())
    except (Invalid, Conflict):
        return _unchanged(feedback_id)
    return _done(feedback_id)


@blueprint.post("/feedback/<uuid:feedback_id>/label")
@signed_in("case.correct")
def correct_label(feedback_id: UUID) -> ResponseReturnValue:
    """Correct how the text reads by one click."""
    try:
        with runtime().db.writing() as session:
            correct.correct_label(session, feedback_id, actor=actor(), label=request.form.get("label", ""), now=now())
    except (Invalid, Conflict):
        return _unchanged(feedback_id)
    return _done(feedback_id)


@blueprint.post("/feedback/<uuid:feedback_id>/topics")
@signed_in("case.correct")
def correct_topics(feedback_id: UUID) -> ResponseReturnValue:
    """Add or take away one topic by one click; the page says which were there."""
    toggle, present = request.form.get("toggle", ""), request.form.getlist("topic")[:100]
    wanted = [key for key in present if key != toggle] if toggle in present else [*present, toggle]
    try:
        with runtime().db.writing() as session:
            correct.correct_topics(session, feedback_id, actor=actor(), topics=wanted, now=now())
    except (Invalid, Conflict):
        return _unchanged(feedback_id)
    return _done(feedback_id)


def topics_spoken(view: FeedbackView) -> list[str]:
    """The topics of a feedback, each once."""
    return list(dict.fromkeys(opinion["topic"] for opinion in (view.analysis or {}).get("opinions", ())))


def _done(feedback_id: UUID) -> ResponseReturnValue:
    """Back to where it was corrected."""
    runtime().wake()
    flash(_("Corrected. What the machine said stays on record."), "good")
    return _back(feedback_id)


def _unchanged(feedback_id: UUID) -> ResponseReturnValue:
    """Nothing was changed: the page shows how it stands now."""
    flash(_("That could not be changed; this is how it stands now."), "warn")
    return _back(feedback_id)


def _back(feedback_id: UUID) -> ResponseReturnValue:
    """To the page the click came from."""
    return redirect(local_path(request.form.get("back")) or f"/feedback/{feedback_id}", 303)
