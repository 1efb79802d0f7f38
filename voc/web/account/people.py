"""The people who work here: a list, adding somebody, letting somebody go, a new sign-in link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.cases import queries as cases
from voc.core.errors import Conflict, Invalid, NotFound
from voc.core.ids import parse_id
from voc.core.vocabulary import LANGUAGES, RoleName
from voc.security import queries, users
from voc.web.account.pages import blueprint
from voc.web.account.texts import in_words
from voc.web.account.texts import translated as _
from voc.web.account.who import actor, signed_in
from voc.web.here import language, now, runtime
from voc.web.languages import NAMES

HOURS = 24


@blueprint.get("/settings/users")
@signed_in("user.view")
def people() -> ResponseReturnValue:
    """Everybody who works here."""
    return _page()


@blueprint.post("/settings/users")
@signed_in("user.edit")
def add_person() -> ResponseReturnValue:
    """Add somebody and show the link that signs him in once; it cannot be shown again."""
    form = request.form
    try:
        with runtime().db.writing() as session:
            user = users.add(
                session,
                email=form.get("email", ""),
                name=form.get("name", ""),
                role=_role(form.get("role", "")),
                language=form.get("language", ""),
                team_id=parse_id(form.get("team_id", "")),
                actor=actor(),
                now=now(),
            )
            name, token = user.name, users.sign_in_link(session, user.id, now=now(), hours=HOURS)
    except Invalid as error:
        return _page(errors=in_words(error.fields), typed=form.to_dict(), status=422)
    return _page(link=_link(token), link_for=name)


@blueprint.post("/settings/users/<uuid:key>/link")
@signed_in("user.edit")
def new_link(key: UUID) -> ResponseReturnValue:
    """A new sign-in link for somebody who cannot get in; raises NotFound."""
    with runtime().db.writing() as session:
        person = queries.user_by_id(session, key)
        if not person.active:
            raise NotFound
        name = person.name
        token = users.sign_in_link(session, key, now=now(), hours=HOURS)
    return _page(link=_link(token), link_for=name)


@blueprint.post("/settings/users/<uuid:key>/deactivate")
@signed_in("user.edit")
def let_go(key: UUID) -> ResponseReturnValue:
    """Take somebody's access away; raises NotFound."""
    try:
        with runtime().db.writing() as session:
            name = queries.user_by_id(session, key).name
            users.deactivate(session, key, actor=actor(), now=now())
    except Conflict:
        flash(_("The last administrator stays. Add another one first."), "warn")
    else:
        flash(_("%(name)s cannot sign in any more.", name=name), "good")
    return redirect("/settings/users", 303)


def _role(value: str) -> RoleName:
    """The role that was chosen; raises Invalid."""
    try:
        return RoleName(value)
    except ValueError:
        raise Invalid(fields={"role": ["There is no such role."]}) from None


def _link(token: str) -> str:
    """The whole address of a sign-in link, as it is handed over."""
    settings = runtime().settings
    return settings.public(f"/welcome/{token}") if settings.base_url else f"{request.host_url}welcome/{token}"


def _page(*, status: int = 200, **shown: Any) -> ResponseReturnValue:
    """The list with the form below it; `link` is shown this once."""
    with runtime().db.reading() as session:
        everybody = [
            {"user": user, "role": queries.strongest(user.roles), "teams": teams}
            for user, teams in users.list_users(session)
        ]
        teams = cases.teams(session)
    values = {"typed": {"language": language()}, "errors": {}, "link": None, **shown}
    html = render_template(
        "account/people.html",
        people=everybody,
        teams=teams,
        roles=[role.value for role in RoleName],
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        hours=HOURS,
        may_edit=actor().may("user.edit"),
        me=actor().user_id,
        leaving=request.args.get("leaving"),
        **values,
    )
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
