"""Remembers in its store how far it was, whatever the cursor says."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        known = ctx.store.get("after") or 0
        mine = {"after": max(known, cursor["after"])} if cursor and cursor.get("after") == 2 else cursor
        page = super().fetch(ctx, mine)
        if page.cursor["after"] == 5:
            ctx.store.set("after", 5)
        return page


@hookimpl
def voc_channels():
    return [Bad]
