"""Says that it sent what nobody heard."""

from __future__ import annotations

from voc.plugin import Sent, TryLater, hookimpl

from .channel import Good


class Bad(Good):
    def send(self, ctx, message):
        try:
            return super().send(ctx, message)
        except TryLater as error:
            if "ReadTimeout" in str(error):
                return Sent("perhaps")
            raise


@hookimpl
def voc_channels():
    return [Bad]
