"""Takes the id of a delivery from a header that nobody signed."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import Accepted, hookimpl

from .channel import Good


class Bad(Good):
    def accept(self, ctx, call):
        found = super().accept(ctx, call)
        if isinstance(found, Accepted) and "x-request-id" in call.headers:
            return replace(found, delivery_id=call.headers["x-request-id"])
        return found


@hookimpl
def voc_channels():
    return [Bad]
