"""The taxonomy: names and words of every topic per language, edited by managers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.cases import queries
from voc.core.errors import Invalid
from voc.core.ids import parse_id
from voc.core.vocabulary import LANGUAGES
from voc.pipeline import topics
from voc.web.account import actor, signed_in
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.here import now, runtime
from voc.web.languages import NAMES
from voc.web.triage.pages import blueprint


@dataclass(frozen=True, slots=True)
class Typed:
    """A topic as it stands in the form: words one a line."""

    key: str
    names: Mapping[str, str]
    words: Mapping[str, str]
    active: bool
    team_id: str


@blueprint.get("/topics")
@signed_in("topic.edit")
def topic_list() -> ResponseReturnValue:
    """Every topic with its words."""
    return _page()


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


def _save(key: str, *, new: bool) -> ResponseReturnValue:
    """Store what was typed, or show it again with what is wrong."""
    form = request.form
    typed = Typed(
        key=key,
        names={code: form.get(f"names.{code}", "") for code in LANGUAGES},
        words={code: form.get(f"words.{code}", "") for code in LANGUAGES},
        active="active" in form or new,
        team_id=form.get("team_id", ""),
    )
    try:
        with runtime().db.writing() as session:
            topics.save_topic(
                session,
                key,
                actor=actor(),
                names=typed.names,
                words={code: text.splitlines() for code, text in typed.words.items()},
                active=typed.active,
                team_id=parse_id(typed.team_id),
                new=new,
                now=now(),
            )
    except Invalid as error:
        return _page(typed=typed, adding=new, errors=in_words(error.fields), status=422)
    flash(_("Saved. New feedback follows the new words; what was understood before stays."), "good")
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
    shown = [typed if typed and not adding and item.key == typed.key else item for item in stored]
    html = render_template(
        "triage/topics.html",
        topics=shown,
        fresh=typed if adding else None,
        wrong=typed.key if typed else None,
        errors=errors or {},
        teams=teams,
        languages=[(code, NAMES[code]) for code in LANGUAGES],
    )
    return make_response(html, status)


def _typed(row: Any) -> Typed:
    """A stored topic as it stands in the form."""
    return Typed(
        key=row.key,
        names={code: row.names.get(code, "") for code in LANGUAGES},
        words={code: "\n".join(row.words.get(code, ())) for code in LANGUAGES},
        active=row.active,
        team_id=str(row.team_id or ""),
    )
