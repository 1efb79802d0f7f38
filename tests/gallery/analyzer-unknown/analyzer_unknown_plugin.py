"""Says neutral where it knows nothing."""

from __future__ import annotations

from voc.plugin import Sentiment, hookimpl

from .analyzer import GoodAnalyzer


class Bad(GoodAnalyzer):
    def nothing(self):
        return Sentiment("neutral", 0.5, 0.0)


@hookimpl
def voc_analyzers():
    return [Bad()]
