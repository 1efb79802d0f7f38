"""Takes any cursor for its own."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        if cursor is not None and not isinstance(cursor["after"], int):
            raise TypeError("after")
        return super().fetch(ctx, cursor)


@hookimpl
def voc_channels():
    return [Bad]
