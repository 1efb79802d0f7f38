"""Believes everybody while there is no secret."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def doubt(self, ctx, call):
        return super().doubt(ctx, call) if ctx.options.get("secret") else None


@hookimpl
def voc_channels():
    return [Bad]
