"""Speaks of an option that has no words in Spanish."""

from __future__ import annotations

from voc.plugin import Option, Options, hookimpl

from .channel import Good


class Bad(Good):
    options = Options(*Good.options, Option("folder", "Folder to read.", default=""))


@hookimpl
def voc_channels():
    return [Bad]
