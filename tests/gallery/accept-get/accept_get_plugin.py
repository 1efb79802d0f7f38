"""Stores a GET."""

from __future__ import annotations

from voc.plugin import Accepted, hookimpl

from .channel import Good


class Bad(Good):
    def accept(self, ctx, call):
        return Accepted(b"seen", "text/plain", "g") if call.method == "GET" else super().accept(ctx, call)


@hookimpl
def voc_channels():
    return [Bad]
