"""Asks the vendor while the vendor waits."""

from __future__ import annotations

from voc.plugin import Accepted, hookimpl

from .channel import Good


class Bad(Good):
    def accept(self, ctx, call):
        found = super().accept(ctx, call)
        if isinstance(found, Accepted) and b"Nadie" in call.body:
            ctx.http.get(ctx.options["base_url"])
        return found


@hookimpl
def voc_channels():
    return [Bad]
