"""Keeps the token for the next time."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def check(self, ctx):
        self.token = ctx.options.get("token")
        return super().check(ctx)


@hookimpl
def voc_channels():
    return [Bad]
