"""Keeps every message it ever read."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good

KEPT = []


class Bad(Good):
    def read(self, view, raw):
        KEPT.append(raw.body * 4)
        return super().read(view, raw)


@hookimpl
def voc_channels():
    return [Bad]
