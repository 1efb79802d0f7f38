"""The good one."""

from __future__ import annotations

from voc.plugin import hookimpl

from .lines import GoodLines


@hookimpl
def voc_exporters():
    return [GoodLines()]
