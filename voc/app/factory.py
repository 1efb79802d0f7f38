"""Assembling the web application: take the runtime, register the rooms, return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc import __version__
from voc.core.loading import loading

if TYPE_CHECKING:
    from flask import Flask

    from voc.runtime import Runtime


def create_app(runtime: Runtime) -> Flask:
    """The Flask application over a running instance."""
    with loading():
        return _assemble(runtime)


def _assemble(runtime: Runtime) -> Flask:
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    import voc.api
    import voc.web

    settings = runtime.settings
    app = Flask("voc.web", static_folder="static", static_url_path="/static")
    app.config.update(
        MAX_CONTENT_LENGTH=settings.body_limit,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=200,
        VERSION=__version__,
    )
    app.extensions["voc"] = runtime
    voc.api.install(app, runtime)
    voc.web.install(app, runtime)
    # Outermost, so that the API behind its front door sees the real client and scheme too.
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
