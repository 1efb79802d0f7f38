"""The REST edge: `/api/v1`, its OpenAPI document and page, and the addresses that watch the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from voc.api.front_door import FrontDoor, Traffic

if TYPE_CHECKING:
    from voc.runtime import Runtime


def install(app: Flask, runtime: Runtime) -> None:
    """Let `app` answer for the API too: an application of its own behind the same WSGI callable.

    It is `app.extensions["voc_api"]`, for whoever needs its map of addresses.
    """
    from voc.api.application import build

    traffic = Traffic()
    api = build(runtime, traffic)
    app.extensions["voc_api"] = api
    app.wsgi_app = FrontDoor(app.wsgi_app, api.wsgi_app, traffic)  # type: ignore[method-assign]  # Flask's own idiom
