"""Surveys: the list, a new one, and what each of them found, never a number without n and margin."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.core.errors import Invalid
from voc.core.vocabulary import LANGUAGES, SCALES, Metric
from voc.insights.statistics import ENDS, FORMULAS, Estimate, share
from voc.intake.channels import add_channel, slug_of
from voc.surveys import queries
from voc.surveys.question import KIND, survey_of
from voc.surveys.reading import queries as reading
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.insights import drawing, words
from voc.web.languages import NAMES
from voc.web.public.drawing import said
from voc.web.triage.pages import blueprint

METRICS = (Metric.NPS, Metric.CSAT, Metric.CES)


@blueprint.get("/surveys")
@signed_in("survey.view")
def survey_list() -> ResponseReturnValue:
    """Every survey with how many were asked and how many answered."""
    return _list()


@blueprint.post("/surveys")
@signed_in("channel.edit")
def add_survey() -> ResponseReturnValue:
    """A new survey; its form follows from the worker."""
    form = request.form
    name = form.get("name", "").strip()
    questions = {code: text for code in LANGUAGES if (text := form.get(f"question.{code}", "").strip())}
    slug = form.get("slug", "").strip() or slug_of(name)
    options: dict[str, Any] = {
        "metric": form.get("metric", ""),
        "languages": form.getlist("languages") or list(LANGUAGES),
        "question": questions or "",
        "reason": "reason" in form,
        "contact": "contact" in form,
    }
    try:
        if not name:
            raise Invalid(fields={"name": ["The name is missing."]})
        with runtime().db.writing() as session:
            channel = add_channel(
                session, runtime().host, kind=KIND, name=name, slug=slug, options=options, now=now(), actor=actor()
            )
            key = channel.id
    except Invalid as error:
        return _list(typed=form.to_dict() | {"languages": form.getlist("languages")}, errors=error, status=422)
    runtime().wake()
    return redirect(f"/surveys/{key}", 303)


@blueprint.get("/surveys/<uuid:key>")
@signed_in("survey.view")
def survey_results(key: UUID) -> ResponseReturnValue:
    """What one survey found; raises NotFound."""
    with runtime().db.reading() as session:
        channel = queries.survey_channel(session, key)
        reach = reading.reach(session, key)
        counts = reading.answers(session, key)
        reasons = reading.reasons(session, key)
        unasked = reading.unasked(session, key)
    survey = survey_of(channel.form)
    metric = reading.metric_of(channel)
    asked = counts.pop(metric, {}) if metric else {}
    estimate = FORMULAS[metric](asked) if metric else None
    html = render_template(
        "triage/survey.html",
        survey=channel,
        question=said(survey.field.label, survey.language(language())) if survey else "",
        metric=metric,
        estimate=estimate,
        rate=share(reach.answered, reach.mailed) if reach.mailed else None,
        interval=_interval(metric, estimate),
        ends=words.ends(metric) if metric else ("", ""),
        distribution=_distribution(metric, asked),
        earlier={other: sum(found.values()) for other, found in counts.items()},
        reach=reach,
        reasons=reasons,
        unasked=unasked,
        link=runtime().settings.public(f"/s/{channel.slug}"),
        may_invite=actor().may("survey.invite"),
    )
    return make_response(html)


def _distribution(metric: Metric | None, counts: Any) -> list[tuple[int, int, float]]:
    """(score, how often, percent) for every score of the scale, those that nobody gave too."""
    if metric is None:
        return []
    low, high = SCALES[metric]
    n = sum(counts.values())
    return [
        (score, counts.get(score, 0), round(100 * counts.get(score, 0) / n, 1) if n else 0.0)
        for score in range(low, high + 1)
    ]


def _interval(metric: Metric | None, estimate: Estimate | None) -> drawing.Interval | None:
    return drawing.interval(estimate, None, ENDS[metric]) if metric and estimate else None


def _in_words(error: Invalid) -> dict[str, list[str]]:
    """What is wrong with a new survey, in the reader's language."""
    texts = in_words(error.fields)
    if "slug" in texts:
        texts["slug"] = [_("Small letters, digits and hyphens, and no other channel may have it.")]
    return texts


def _list(
    *, typed: dict[str, Any] | None = None, errors: Invalid | None = None, status: int = 200
) -> ResponseReturnValue:
    with runtime().db.reading() as session:
        found = reading.surveys(session)
    html = render_template(
        "triage/surveys.html",
        surveys=found,
        metrics=METRICS,
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        typed=typed,
        errors=_in_words(errors) if errors else {},
        may_add=actor().may("channel.edit"),
    )
    return make_response(html, status)
