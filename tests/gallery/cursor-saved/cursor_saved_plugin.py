"""Looks back at what it has seen."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def page(self, ctx, after):
        return super().page(ctx, max(0, after - 2) if after == 5 or after == 3 else after)


@hookimpl
def voc_channels():
    return [Bad]
