"""Gives every message without an id the same one."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def identity_of(self, raw, data):
        return super().identity_of(raw, data) if data.get("id") else "without id"


@hookimpl
def voc_channels():
    return [Bad]
