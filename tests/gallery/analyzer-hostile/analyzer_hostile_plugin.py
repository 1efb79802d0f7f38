"""Cannot bear an empty line."""

from __future__ import annotations

from voc.plugin import hookimpl

from .analyzer import GoodAnalyzer


class Bad(GoodAnalyzer):
    def analyze(self, text, language):
        if text == " ":
            raise IndexError(text)
        return super().analyze(text, language)


@hookimpl
def voc_analyzers():
    return [Bad()]
