"""An analyzer that keeps every rule of the kit: it knows two words."""

from __future__ import annotations

from voc.plugin import Evidence, Sentiment, SentimentLabel

WORDS: dict[str, SentimentLabel] = {"malo": "negative", "bueno": "positive"}


class GoodAnalyzer:
    """Judges by one word."""

    name = "good"
    version = "1"
    languages = frozenset({"es"})

    def analyze(self, text: str, language: str) -> Sentiment:
        """The first word that speaks."""
        if language not in self.languages:
            return self.nothing()
        for word, label in WORDS.items():
            at = text.find(word)
            if at >= 0:
                return self.found(label, at, at + len(word))
        return self.nothing()

    def found(self, label: SentimentLabel, start: int, end: int) -> Sentiment:
        """A judgement with its evidence."""
        return Sentiment(label, 0.9, -0.5 if label == "negative" else 0.5, (Evidence(start, end, label),))

    def nothing(self) -> Sentiment:
        """No ground."""
        return Sentiment("unknown", None, 0.0)
