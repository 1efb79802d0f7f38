"""Believes what is not signed at all."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def doubt(self, ctx, call):
        return super().doubt(ctx, call) if call.headers else None


@hookimpl
def voc_channels():
    return [Bad]
