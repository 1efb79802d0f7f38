"""What routing does in the worker: it runs the rules again when somebody asks for it."""

from __future__ import annotations

from voc.jobs import Handler, Registry
from voc.routing.again import KIND, act_pages, ask_pages


def register(registry: Registry) -> None:
    """Declare the handler; in the slow lane, so that what comes in now is not held up by what came in before."""
    registry.add([Handler(KIND, apply=act_pages, prepare=ask_pages, lane="slow")])
