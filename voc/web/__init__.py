"""The pages: public ones for customers, triage for the people who answer them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask

from voc.web import assets, errors, headers, here, i18n, limits
from voc.web.house import BrandKeeper
from voc.web.languages import TAGS

if TYPE_CHECKING:
    from voc.runtime import Runtime


def install(app: Flask, runtime: Runtime) -> None:
    """Put the pages, their languages, headers and error pages into `app`."""
    from voc.web import insights, public, triage
    from voc.web.addresses import LateRule
    from voc.web.public import front

    app.url_rule_class = LateRule
    app.extensions["voc_brand"] = BrandKeeper(runtime.db, runtime.settings)
    assets.install(app)
    i18n.install(app)
    headers.install(app)
    limits.install(app)
    app.context_processor(_common)
    app.register_blueprint(front.blueprint)
    app.register_blueprint(public.blueprint)
    triage.install(app)
    insights.install(app)
    errors.install(app)


def _common() -> dict[str, Any]:
    """What every template may use: the company, the reader's language, the moment of the request."""
    language = here.language()
    moment: datetime = here.now()
    return {"house": here.house(), "language": language, "language_tag": TAGS[language], "now": moment}
