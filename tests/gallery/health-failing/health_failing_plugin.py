"""Is always content."""

from __future__ import annotations

from voc.plugin import Health, hookimpl

from .channel import Good


class Bad(Good):
    def check(self, ctx):
        super().check(ctx)
        return Health("ok")


@hookimpl
def voc_channels():
    return [Bad]
