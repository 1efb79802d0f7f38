"""Takes silence for a 0."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        item = super().inbound(identity, data)
        return replace(item, metric="nps", score=0) if item.score is None and item.text == "Solo palabras" else item


@hookimpl
def voc_channels():
    return [Bad]
