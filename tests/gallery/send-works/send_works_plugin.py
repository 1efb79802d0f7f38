"""Thinks that answers are short."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def send(self, ctx, message):
        return super().send(ctx, replace(message, text=message.text.replace("🚚", "").strip()))


@hookimpl
def voc_channels():
    return [Bad]
