"""What this request is about: the running house, seen from the API's application."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from voc.runtime import Runtime


def runtime() -> Runtime:
    """The running house."""
    return cast("Runtime", current_app.extensions["voc"])
