"""Rules: the list in its order, one rule with its versions, trying it on real feedback, running all of them again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.vocabulary import Priority
from voc.jobs.queries import latest_run
from voc.model import RuleRun
from voc.routing import queries
from voc.routing.again import ask_again, stop_run
from voc.routing.fields import FIELDS, OPERATORS
from voc.routing.saving import PERMISSION, check_condition, check_rule, reorder, save_rule, switch_rule
from voc.routing.tokens import WrongCondition
from voc.routing.trying import Trial, try_condition
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.triage.channel_form import in_form_words
from voc.web.triage.names import topic_names
from voc.web.triage.pages import blueprint
from voc.web.triage.rule_deeds import drawn_deeds
from voc.web.triage.rule_form import Faults, Typed, marked
from voc.web.triage.ruled import names, notifier_names, what_it_does

COUNTED = timedelta(days=30)
# How far back the rules can be run again, in days; 0: everything.
SPANS = (30, 90, 365, 0)


@blueprint.get("/rules")
@signed_in(PERMISSION)
def rule_list() -> ResponseReturnValue:
    """Every rule in its order."""
    with runtime().db.reading() as session:
        rows = queries.every_rule(session)
        counts = queries.matches_since(session, now() - COUNTED)
        run = latest_run(session, RuleRun)
        teams, people = names(session)
    return render_template(
        "triage/rules.html",
        rows=rows,
        counts=counts,
        run=run,
        does={row.rule_id: what_it_does(row.actions, teams, people) for row in rows},
        spans=SPANS,
        default_off=any(row.shipped and not row.active for row in rows),
    )


@blueprint.get("/rules/new")
@signed_in(PERMISSION)
def new_rule() -> ResponseReturnValue:
    """An empty form."""
    return _page(None, Typed())


@blueprint.get("/rules/<uuid:rule_id>")
@signed_in(PERMISSION)
def one_rule(rule_id: UUID) -> ResponseReturnValue:
    """A rule with its versions; raises NotFound."""
    return _page(rule_id, None)


@blueprint.post("/rules")
@signed_in(PERMISSION)
def add_rule() -> ResponseReturnValue:
    """Try or add a rule."""
    return _take(None)


@blueprint.post("/rules/<uuid:rule_id>")
@signed_in(PERMISSION)
def change_rule(rule_id: UUID) -> ResponseReturnValue:
    """Try a rule or save its next version; raises NotFound."""
    return _take(rule_id)


def _take(rule_id: UUID | None) -> ResponseReturnValue:
    """What was typed is tried (which writes nothing) or saved; with a mistake in it, it is shown again."""
    typed = Typed.of_form(request.form, runtime().host.offered("actions"))
    trying = request.form.get("do") == "try"
    try:
        with runtime().db.reading() as session:
            condition = check_condition(session, typed.condition)
            if not trying:
                check_rule(session, name=typed.name, condition=typed.condition, actions=typed.actions())
            trial = try_condition(session, condition)
        if trying:
            return _page(rule_id, typed, trial=trial)
        with runtime().db.writing() as session:
            saved = save_rule(
                session,
                rule_id,
                actor=actor(),
                name=typed.name,
                condition=typed.condition,
                actions=typed.actions(),
                stops=typed.stops,
                seen=typed.seen,
                now=now(),
            )
    except WrongCondition as error:
        said = _(error.mistake.text, **error.mistake.values)
        return _page(rule_id, typed, faults=Faults(marked=marked(error.condition, error.mistake, said)), status=422)
    except Invalid as error:
        return _page(rule_id, typed, faults=Faults(_in_words(error.fields)), status=422)
    except Conflict:
        flash(_("Somebody changed this rule meanwhile. What was typed is still here, not saved."), "warn")
        return _page(rule_id, typed, status=409)
    flash(_("Saved. New feedback follows it; what came in before does not change by itself."), "good")
    if trial.everything:
        flash(_everything(trial), "warn")
    return redirect(f"/rules#rule-{saved}", 303)


def _in_words(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What is wrong, in the reader's language: values of plugins' options are refused in the words of the contract."""
    ours = {name: texts for name, texts in errors.items() if name.count(".") < 2}
    return {**in_words(ours), **in_form_words({name: texts for name, texts in errors.items() if name not in ours})}


def _everything(trial: Trial) -> str:
    said = ngettext(
        "This rule matches everything: the only feedback there is.",
        "This rule matches everything: all of the newest %(num)s feedback.",
        trial.asked,
    )
    return str(said)


def _page(
    rule_id: UUID | None,
    typed: Typed | None,
    *,
    trial: Trial | None = None,
    faults: Faults | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The form; `typed` None: as it is stored."""
    with runtime().db.reading() as session:
        versions = queries.versions_of(session, rule_id) if rule_id else ()
        teams, people = names(session)
        topics = topic_names(session).known
    typed = typed if typed is not None else Typed.of_version(versions[0])
    html = render_template(
        "triage/rule.html",
        rule_id=rule_id,
        typed=typed,
        deeds=drawn_deeds(typed.plugin, runtime().host, language()),
        notifiers=notifier_names(typed.notify),
        would=what_it_does(typed.actions(), teams, people) if trial else (),
        versions=versions,
        does={row.id: what_it_does(row.actions, teams, people) for row in versions},
        trial=trial,
        warning=_everything(trial) if trial and trial.everything else None,
        faults=faults or Faults(),
        fields=FIELDS,
        operators=OPERATORS,
        topics=topics,
        teams=teams,
        people=people,
        priorities=list(Priority),
    )
    return make_response(html, status)


@blueprint.post("/rules/<uuid:rule_id>/switch")
@signed_in(PERMISSION)
def switch(rule_id: UUID) -> ResponseReturnValue:
    """Switch a rule on or off; raises NotFound."""
    try:
        with runtime().db.writing() as session:
            switch_rule(session, rule_id, actor=actor(), active=request.form.get("active") == "yes", now=now())
    except Invalid as error:
        flash(" ".join(text for texts in in_words(error.fields).values() for text in texts), "warn")
    return redirect(f"/rules#rule-{rule_id}", 303)


@blueprint.post("/rules/<uuid:rule_id>/move")
@signed_in(PERMISSION)
def move(rule_id: UUID) -> ResponseReturnValue:
    """Move a rule one place up or down; raises NotFound."""
    step = -1 if request.form.get("to") == "up" else 1
    with runtime().db.writing() as session:
        order = [rule.id for rule in queries.rules_for_update(session)]
        if rule_id not in order:
            raise NotFound
        place = order.index(rule_id)
        order.insert(max(place + step, 0), order.pop(place))
        reorder(session, order, actor=actor(), now=now())
    return redirect(f"/rules#rule-{rule_id}", 303)


@blueprint.post("/rules/again")
@signed_in(PERMISSION)
def run_again() -> ResponseReturnValue:
    """Run the rules again over what came in before, in the background."""
    asked = request.form.get("days", "")
    days = int(asked) if asked in {str(span) for span in SPANS} else SPANS[1]
    with runtime().db.writing() as session:
        ask_again(session, actor=actor(), since=now() - timedelta(days=days) if days else None, now=now())
    runtime().wake()
    return redirect("/rules#again", 303)


@blueprint.post("/rules/again/<uuid:run_id>/stop")
@signed_in(PERMISSION)
def stop_again(run_id: UUID) -> ResponseReturnValue:
    """Stop a run; what it did stays. Raises NotFound."""
    with runtime().db.writing() as session:
        stop_run(session, run_id, actor=actor(), now=now())
    return redirect("/rules#again", 303)
