"""The good one."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


@hookimpl
def voc_channels():
    return [Good]
