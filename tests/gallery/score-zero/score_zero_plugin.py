"""Asks whether there is a score, and 0 says no."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        item = super().inbound(identity, data)
        return item if item.score or item.text != "Malo" else replace(item, score=None, metric=None, facts=item.facts)


@hookimpl
def voc_channels():
    return [Bad]
