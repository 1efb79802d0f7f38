"""Calls every customer Anonymous."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        item = super().inbound(identity, data)
        return replace(item, facts={**item.facts, "seen": True})


@hookimpl
def voc_channels():
    return [Bad]
