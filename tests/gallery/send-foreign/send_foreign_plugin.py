"""Takes for granted whom it answers."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def send(self, ctx, message):
        message.reply_to["to"]
        return super().send(ctx, message)


@hookimpl
def voc_channels():
    return [Bad]
