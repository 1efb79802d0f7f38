"""Calls for a person when the vendor is down."""

from __future__ import annotations

from voc.plugin import Misconfigured, TryLater, hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        try:
            return super().fetch(ctx, cursor)
        except TryLater as error:
            if "503" in str(error):
                raise Misconfigured(str(error)) from None
            raise


@hookimpl
def voc_channels():
    return [Bad]
