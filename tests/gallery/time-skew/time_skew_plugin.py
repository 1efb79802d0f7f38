"""Refuses what was said in the future."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def moment(self, value):
        found = super().moment(value)
        if found and found.year > 9000:
            raise OverflowError("date value out of range")
        return found


@hookimpl
def voc_channels():
    return [Bad]
