"""Believes what was signed long ago."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def is_fresh(self, stamp, now):
        return True


@hookimpl
def voc_channels():
    return [Bad]
