"""Is never content."""

from __future__ import annotations

from voc.plugin import Health, hookimpl

from .channel import Good


class Bad(Good):
    def check(self, ctx):
        health = super().check(ctx)
        return Health("failing", "One never knows.") if health.state == "ok" else health


@hookimpl
def voc_channels():
    return [Bad]
