"""Forgets what is answered."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        return replace(super().inbound(identity, data), thread=())


@hookimpl
def voc_channels():
    return [Bad]
