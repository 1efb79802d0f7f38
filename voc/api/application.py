"""The API's own Flask application: no session, no cookies, no translation, one error shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from voc.api import (
    arrivals,
    cases,
    channels,
    corrections,
    customers,
    docs,
    emerging,
    feedback,
    openapi,
    problems,
    rules,
    runs,
    topics,
    watch,
)
from voc.api.bearer import Callers
from voc.api.front_door import Traffic

if TYPE_CHECKING:
    from voc.runtime import Runtime

# What the OpenAPI document describes.
DOCUMENTED = (
    feedback.blueprint,
    corrections.blueprint,
    cases.blueprint,
    customers.blueprint,
    channels.blueprint,
    rules.blueprint,
    topics.blueprint,
    runs.blueprint,
    emerging.blueprint,
)


def build(runtime: Runtime, traffic: Traffic) -> Flask:
    """The application over `runtime`, with everything below /api and the three addresses for watching."""
    app = Flask("voc.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = runtime.settings.body_limit
    # Two slashes are another address, not a redirect that would lose a POST.
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    app.extensions.update(
        voc=runtime, voc_callers=Callers(runtime.db), voc_traffic=traffic, voc_started=runtime.clock()
    )
    for blueprint in DOCUMENTED:
        app.register_blueprint(blueprint)
    openapi.install(app, DOCUMENTED)
    app.register_blueprint(arrivals.blueprint)
    app.register_blueprint(watch.blueprint)
    app.register_blueprint(docs.blueprint)
    problems.install(app)
    return app
