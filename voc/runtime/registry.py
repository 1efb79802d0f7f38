"""The registry of every room's jobs: the one place that knows them all."""

from __future__ import annotations

from voc.cases import jobs as cases
from voc.delivery import jobs as delivery
from voc.delivery.hooks import jobs as hooks
from voc.insights import jobs as insights
from voc.intake import jobs as intake
from voc.jobs import Registry
from voc.pipeline import jobs as pipeline
from voc.pipeline import telling
from voc.privacy import jobs as privacy
from voc.routing import jobs as routing
from voc.runtime import jobs as runtime
from voc.search import jobs as search
from voc.surveys import jobs as surveys

ROOMS = (intake, search, delivery, hooks, cases, surveys, insights, routing, pipeline, telling, privacy, runtime)


def fill(registry: Registry) -> Registry:
    """Let every room declare its handlers, subscriptions and periodic work."""
    for room in ROOMS:
        room.register(registry)
    return registry
