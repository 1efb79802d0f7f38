"""`/plugins/<name>/settings`: the settings of a plugin as a whole, drawn from what it declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from voc.core.errors import Invalid, NotFound
from voc.plugin import Options
from voc.plugin_host.settings import change_settings, shown
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import language, now, runtime
from voc.web.triage.channel_form import forgotten, in_form_words, option_fields, typed_options
from voc.web.triage.pages import blueprint


@dataclass(frozen=True, slots=True)
class Declared:
    """What a plugin as a whole declares."""

    options: Options


@blueprint.get("/plugins/<name>/settings")
@signed_in("plugin.edit")
def plugin_settings(name: str) -> ResponseReturnValue:
    """The form; raises NotFound for a plugin that has no settings, or is not loaded."""
    return _page(name)


@blueprint.post("/plugins/<name>/settings")
@signed_in("plugin.edit")
def set_plugin(name: str) -> ResponseReturnValue:
    """Store what was typed; nothing of it is lost but secrets. Raises NotFound."""
    declared, form = _declared(name), request.form
    with runtime().db.reading() as session:
        stored = {item.option.name: item.value for item in shown(session, runtime().host, name, runtime().keys)}
    typed = typed_options(declared, form, stored)
    try:
        with runtime().db.writing() as session:
            change_settings(
                session, runtime().host, name, typed,
                now=now(), actor=actor(), keys=runtime().keys, forget=forgotten(declared, form),
            )  # fmt: skip
    except Invalid as error:
        return _page(name, typed=typed, errors=in_form_words(error.fields), status=422)
    flash(_("Saved."), "good")
    return redirect("/plugins", 303)


def settable(names: Iterable[str]) -> set[str]:
    """Those of these plugins that have settings, and are loaded."""
    return {name for name in names if list(runtime().host.settings_of(name))}


def _declared(name: str) -> Declared:
    options = runtime().host.settings_of(name)
    if not list(options):
        raise NotFound
    return Declared(options)


def _page(
    name: str,
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, list[str]] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    declared, host = _declared(name), runtime().host
    with runtime().db.reading() as session:
        settings = shown(session, host, name, runtime().keys)
    texts = host.said_of(name, language())
    html = render_template(
        "triage/plugin_settings.html",
        name=name,
        texts=texts,
        fields=option_fields(
            declared,
            texts,
            stored={item.option.name: item.value for item in settings if not item.option.secret},
            typed=typed,
            secrets={item.option.name for item in settings if item.option.secret and item.given},
        ),
        errors=errors or {},
    )
    answer = make_response(html, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
