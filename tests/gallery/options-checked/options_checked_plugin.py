"""Does not expect what people type."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def check(self, ctx):
        if int(ctx.options.get("page") or 0) < 0:
            raise ValueError("page")
        return super().check(ctx)


@hookimpl
def voc_channels():
    return [Bad]
