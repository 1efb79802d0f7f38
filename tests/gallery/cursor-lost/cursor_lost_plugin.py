"""Takes the delivery ids from a counter of its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from voc.plugin import hookimpl

from .channel import Good

COUNT = count()


class Bad(Good):
    def fetch(self, ctx, cursor):
        page = super().fetch(ctx, cursor)
        if cursor is not None:
            return page
        return replace(page, items=tuple(replace(item, delivery_id=str(next(COUNT))) for item in page.items))


@hookimpl
def voc_channels():
    return [Bad]
