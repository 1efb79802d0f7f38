"""Remembers who wrote last, and hands it on."""

from __future__ import annotations

from voc.plugin import Edited, Inbound, hookimpl

from .channel import Good


class Bad(Good):
    last = None

    def read(self, view, raw):
        for item in super().read(view, raw):
            yield item
            if isinstance(item, Inbound) and self.last not in (None, item.external_id):
                yield Edited(item.external_id, f"after {self.last}")
            self.last = getattr(item, "external_id", None)


@hookimpl
def voc_channels():
    return [Bad]
