"""Has no version."""

from __future__ import annotations

from voc.plugin import hookimpl

from .analyzer import GoodAnalyzer


class Bad(GoodAnalyzer):
    version = ""


@hookimpl
def voc_analyzers():
    return [Bad()]
