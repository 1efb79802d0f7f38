"""Rounds the score to what it likes better."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        item = super().inbound(identity, data)
        return replace(item, score=4) if item.score == 5 else item


@hookimpl
def voc_channels():
    return [Bad]
