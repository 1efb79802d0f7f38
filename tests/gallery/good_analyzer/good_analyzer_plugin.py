"""The good one."""

from __future__ import annotations

from voc.plugin import hookimpl

from .analyzer import GoodAnalyzer


@hookimpl
def voc_analyzers():
    return [GoodAnalyzer()]
