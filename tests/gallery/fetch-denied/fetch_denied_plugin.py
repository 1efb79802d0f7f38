"""Tries a wrong password again and again."""

from __future__ import annotations

from voc.plugin import Misconfigured, TryLater, hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        try:
            return super().fetch(ctx, cursor)
        except Misconfigured as error:
            raise TryLater(str(error)) from None


@hookimpl
def voc_channels():
    return [Bad]
