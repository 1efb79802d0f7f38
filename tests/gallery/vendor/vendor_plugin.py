"""Its fixtures have a vendor that nobody can reach."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    pass


@hookimpl
def voc_channels():
    return [Bad]
