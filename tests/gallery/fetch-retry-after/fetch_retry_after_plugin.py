"""Does not listen when it is told to wait."""

from __future__ import annotations

from voc.plugin import TryLater, hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        try:
            return super().fetch(ctx, cursor)
        except TryLater as error:
            raise TryLater(str(error)) from None


@hookimpl
def voc_channels():
    return [Bad]
