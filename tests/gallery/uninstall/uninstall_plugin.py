"""Hands on words that only it can read."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Own(str):
    __slots__ = ()


class Bad(Good):
    def inbound(self, identity, data):
        item = super().inbound(identity, data)
        return replace(item, external_id=Own(item.external_id))


@hookimpl
def voc_channels():
    return [Bad]
