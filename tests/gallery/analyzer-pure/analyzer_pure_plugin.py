"""Judges by what it judged before."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .analyzer import GoodAnalyzer


class Bad(GoodAnalyzer):
    times = 0

    def analyze(self, text, language):
        self.times += 1
        found = super().analyze(text, language)
        return replace(found, probability=0.5 + self.times / 1e6) if found.probability else found


@hookimpl
def voc_analyzers():
    return [Bad()]
