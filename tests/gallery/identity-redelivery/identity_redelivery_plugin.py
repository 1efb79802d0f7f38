"""Puts the time of arrival into the identity."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def identity_of(self, raw, data):
        return f"{super().identity_of(raw, data)}-{raw.received_at.isoformat()}"


@hookimpl
def voc_channels():
    return [Bad]
