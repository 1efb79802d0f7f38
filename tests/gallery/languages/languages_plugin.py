"""Believes that the world is ASCII."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        text = data["text"].replace("الخدمة", "?")
        return super().inbound(identity, {**data, "text": text})


@hookimpl
def voc_channels():
    return [Bad]
