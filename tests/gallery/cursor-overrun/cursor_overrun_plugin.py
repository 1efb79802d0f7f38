"""Waits for ever for numbers that will not come."""

from __future__ import annotations

from voc.plugin import Page, hookimpl

from .channel import Good


class Bad(Good):
    def fetch(self, ctx, cursor):
        after = (cursor or {}).get("after")
        page = super().fetch(ctx, cursor)
        return Page(cursor=cursor) if isinstance(after, int) and page.cursor["after"] < after else page


@hookimpl
def voc_channels():
    return [Bad]
