"""Blames the customer for our password."""

from __future__ import annotations

from voc.plugin import Misconfigured, Undeliverable, hookimpl

from .channel import Good


class Bad(Good):
    def send(self, ctx, message):
        try:
            return super().send(ctx, message)
        except Misconfigured as error:
            raise Undeliverable(str(error)) from None


@hookimpl
def voc_channels():
    return [Bad]
