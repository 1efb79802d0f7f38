"""Asks in Spanish only."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def form(self, view):
        return replace(super().form(view), title={"es": "¿Qué tal?"})


@hookimpl
def voc_channels():
    return [Bad]
