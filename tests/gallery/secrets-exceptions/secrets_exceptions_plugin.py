"""Shows the token when the server refuses it."""

from __future__ import annotations

from voc.plugin import Misconfigured, hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        try:
            return super().fetch(ctx, cursor)
        except Misconfigured as error:
            raise Misconfigured(f"{error}: {ctx.options['token']}") from None


@hookimpl
def voc_channels():
    return [Bad]
