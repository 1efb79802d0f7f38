"""Sends every time."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def send(self, ctx, message):
        found = super().send(ctx, message)
        if not ctx.store.get("sent"):
            ctx.store.set("sent", True)
            return found
        return super().send(ctx, replace(message, message_id=uuid4().hex))


@hookimpl
def voc_channels():
    return [Bad]
