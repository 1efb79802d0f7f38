"""The registry of every room's jobs: the one place that knows them all."""

from __future__ import annotations

from voc.cases import jobs as cases
from voc.delivery import jobs as delivery
from voc.intake import jobs as intake
from voc.jobs import Registry
from voc.pipeline import jobs as pipeline
from voc.privacy import jobs as privacy
from voc.runtime import jobs as runtime


def fill(registry: Registry) -> Registry:
    """Let every room declare its handlers, subscriptions and periodic work."""
    for room in (intake, delivery, cases, pipeline, privacy, runtime):
        room.register(registry)
    return registry
