"""The taxonomy: names, words and examples of every topic per language and its place in the tree, edited by managers;
its versions, understanding again by it, and what was learnt of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.cases import queries
from voc.core.errors import Conflict, Invalid
from voc.core.ids import parse_id
from voc.core.vocabulary import LANGUAGES
from voc.jobs.queries import latest_run
from voc.model import AnalysisRun
from voc.pipeline import topics
from voc.pipeline.heads import queries as learnt
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.languages import NAMES
from voc.web.triage.names import topic_names
from voc.web.triage.pages import blueprint
from voc.web.triage.understanding import KIND, SPANS


@dataclass(frozen=True, slots=True)
class Typed:
    """A topic as it stands in the form: words and examples one a line. `number` is the version that was seen."""

    key: str
    names: Mapping[str, str]
    words: Mapping[str, str]
    examples: Mapping[str, str]
    parent_key: str
    active: bool
    team_id: str
    number: str = ""


@blueprint.get("/topics")
@signed_in("topic.edit")
def topic_list() -> ResponseReturnValue:
    """Every topic with its words; with `new` in the address the form for one more, filled with what stands there."""
    suggested = _suggested() if "new" in request.args else None
    return _page(typed=suggested, adding=suggested is not None)


@blueprint.post("/topics")
@signed_in("topic.edit")
def add_topic() -> ResponseReturnValue:
    """Add a topic."""
    return _save(request.form.get("key", "").strip(), new=True)


@blueprint.post("/topics/<key>")
@signed_in("topic.edit")
def save_topic(key: str) -> ResponseReturnValue:
    """Change a topic; raises NotFound."""
    return _save(key, new=False)


@blueprint.get("/topics/<key>")
@signed_in("topic.edit")
def topic_versions(key: str) -> ResponseReturnValue:
    """The versions of a topic; raises NotFound."""
    with runtime().db.reading() as session:
        versions = topics.versions_of(session, key)
        names = topic_names(session).known
    return make_response(
        render_template(
            "triage/topic.html",
            key=key,
            versions=versions,
            names=names,
            languages=[(code, NAMES[code]) for code in LANGUAGES],
        )
    )


@blueprint.post("/topics/<key>/restore")
@signed_in("topic.edit")
def restore_topic(key: str) -> ResponseReturnValue:
    """Bring an earlier version back as the next one; raises NotFound."""
    number, seen = _whole(request.form.get("number", "")), _whole(request.form.get("seen", ""))
    try:
        with runtime().db.writing() as session:
            topics.restore_topic(session, key, number or 0, actor=actor(), seen=seen, now=now())
    except Conflict:
        flash(_("Somebody changed this topic meanwhile; this is how it stands now."), "warn")
        return redirect(f"/topics/{key}", 303)
    except Invalid as error:
        flash(" ".join(text for texts in in_words(error.fields).values() for text in texts), "warn")
        return redirect(f"/topics/{key}", 303)
    flash(_("Restored, as a new version."), "good")
    return redirect(f"/topics#{key}", 303)


def _suggested() -> Typed:
    """A topic that is only suggested: nothing is saved before somebody presses the button."""
    asked = request.args
    return Typed(
        key=asked["new"][:59],
        names={code: asked.get(f"names.{code}", "")[: topics.LONGEST_NAME] for code in LANGUAGES},
        words={code: asked.get(f"words.{code}", "")[: 10 * topics.LONGEST_WORD] for code in LANGUAGES},
        examples=dict.fromkeys(LANGUAGES, ""),
        parent_key="",
        active=True,
        team_id="",
    )


def _whole(text: str) -> int | None:
    """A small whole number of a form; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _save(key: str, *, new: bool) -> ResponseReturnValue:
    """Store what was typed, or show it again with what is wrong."""
    form = request.form
    typed = Typed(
        key=key,
        names={code: form.get(f"names.{code}", "") for code in LANGUAGES},
        words={code: form.get(f"words.{code}", "") for code in LANGUAGES},
        examples={code: form.get(f"examples.{code}", "") for code in LANGUAGES},
        parent_key=form.get("parent_key", ""),
        active="active" in form or new,
        team_id=form.get("team_id", ""),
        number=form.get("seen", ""),
    )
    said = topics.TopicText(
        names=typed.names,
        words={code: text.splitlines() for code, text in typed.words.items()},
        examples={code: text.splitlines() for code, text in typed.examples.items()},
        parent_key=typed.parent_key or None,
        active=typed.active,
    )
    try:
        with runtime().db.writing() as session:
            topics.save_topic(
                session,
                key,
                said,
                actor=actor(),
                team_id=parse_id(typed.team_id),
                new=new,
                seen=_whole(typed.number),
                now=now(),
            )
    except Invalid as error:
        return _page(typed=typed, adding=new, errors=in_words(error.fields), status=422)
    except Conflict:
        flash(_("Somebody changed this topic meanwhile. What was typed is still here, not saved."), "warn")
        return _page(typed=typed, adding=new, status=409)
    flash(_("Saved. New feedback follows it; what was understood before changes when you apply it below."), "good")
    return redirect(f"/topics#{key}", 303)


def _page(
    *,
    typed: Typed | None = None,
    adding: bool = False,
    errors: dict[str, list[str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The list; `typed` stands in the place of the topic that could not be saved."""
    with runtime().db.reading() as session:
        stored = [_typed(row) for row in topics.list_topics(session)]
        teams = queries.teams(session)
        run, heads = latest_run(session, AnalysisRun), learnt.heads(session)
        learning = learnt.learning(session, KIND)
    shown = [typed if typed and not adding and item.key == typed.key else item for item in stored]
    html = render_template(
        "triage/topics.html",
        topics=shown,
        fresh=typed if adding else None,
        wrong=typed.key if typed else None,
        errors=errors or {},
        teams=teams,
        run=run,
        spans=SPANS,
        heads=heads,
        learning=learning,
        languages=[(code, NAMES[code]) for code in LANGUAGES],
    )
    return make_response(html, status)


def _typed(row: Any) -> Typed:
    """A stored topic as it stands in the form."""
    return Typed(
        key=row.key,
        names={code: row.names.get(code, "") for code in LANGUAGES},
        words={code: "\n".join(row.words.get(code, ())) for code in LANGUAGES},
        examples={code: "\n".join(row.examples.get(code, ())) for code in LANGUAGES},
        parent_key=row.parent_key or "",
        active=row.active,
        team_id=str(row.team_id or ""),
        number=str(row.number),
    )
