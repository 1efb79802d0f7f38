"""Does not look at the signature closely."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def is_same(self, wanted, given):
        return bool(given) and given[:40] == wanted[:40]


@hookimpl
def voc_channels():
    return [Bad]
