"""Crashes at what is no JSON."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def accept(self, ctx, call):
        if call.body == b"12":
            raise KeyError("text")
        return super().accept(ctx, call)


@hookimpl
def voc_channels():
    return [Bad]
