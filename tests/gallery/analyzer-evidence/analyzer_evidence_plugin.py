"""Points behind the end."""

from __future__ import annotations

from voc.plugin import hookimpl

from .analyzer import GoodAnalyzer


class Bad(GoodAnalyzer):
    def found(self, label, start, end):
        return super().found(label, start + 100, end + 100)


@hookimpl
def voc_analyzers():
    return [Bad()]
