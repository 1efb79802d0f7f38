"""Whether a head that was learnt tells topics better than the words alone, on texts kept back for that. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from voc.analysis.learned import Head
from voc.analysis.learning import Labelled, Score, learn, ordered, places_of, score, share

HELD_OUT = 0.25
# Fewer labelled texts than this teach nothing that could be proved.
LEAST_LABELLED = 100
WINS_BY = 0.02


@dataclass(frozen=True, slots=True)
class Examined:
    """A head and how it did. The head itself was learnt from all texts, its topics and thresholds from those not kept
    back; the scores are of one that never saw the texts it was asked about."""

    head: Head
    labelled: int
    held_out: int
    words: Score
    alone: Score
    both: Score
    topics: dict[str, tuple[int, Score, Score]]

    @property
    def wins(self) -> bool:
        """Whether words and head together beat the words alone by enough, and are right more often than wrong:
        calling everything everything beats words that find little."""
        gained = self.both.f1 - self.words.f1 >= WINS_BY
        return bool(self.head.topics) and gained and self.both.precision >= 0.5

    def to_dict(self) -> dict[str, Any]:
        """Micro-F1 of the words, the head and both; by topic how many texts, and F1 of the words and of both."""
        return {
            "words": round(self.words.f1, 4),
            "head": round(self.alone.f1, 4),
            "both": round(self.both.f1, 4),
            "precision": round(self.both.precision, 4),
            "wins": self.wins,
            "topics": {
                topic: {"texts": count, "words": round(words.f1, 4), "both": round(both.f1, 4)}
                for topic, (count, words, both) in sorted(self.topics.items())
            },
        }


def examine(items: Iterable[Labelled]) -> Examined:
    """Learn from three quarters of the texts, ask about the rest, then learn from all of them."""
    known = ordered(items)
    kept = [item for item in known if share(item.text) < HELD_OUT]
    trial = learn([item for item in known if share(item.text) >= HELD_OUT])
    likely = [trial.likely(places_of(item.text)) for item in kept]
    nothing: list[dict[str, float]] = [{} for _ in kept]

    def asked(found: Sequence[dict[str, float]], texts: Sequence[Labelled]) -> Score:
        return score(texts, found, trial.thresholds, trial.floor)

    topics = {}
    for topic in sorted({topic for item in kept for topic in item.topics | item.said} | set(trial.topics)):
        only = [replace(item, topics=item.topics & {topic}, said=item.said & {topic}) for item in kept]
        told = [{key: value for key, value in one.items() if key == topic} for one in likely]
        marks = {key: value for key, value in trial.thresholds.items() if key == topic}
        both = score(only, told, marks, 1.0)
        topics[topic] = (sum(topic in item.topics for item in kept), asked(nothing, only), both)
    return Examined(
        head=learn(known, like=trial),
        labelled=len(known),
        held_out=len(kept),
        words=asked(nothing, kept),
        alone=asked(likely, [replace(item, said=frozenset()) for item in kept]),
        both=asked(likely, kept),
        topics=topics,
    )


def fingerprint(items: Iterable[Labelled]) -> str:
    """A hash of what would be learnt from: the same texts with the same labels teach the same."""
    digest = sha256()
    for item in ordered(items):
        parts = (item.text, ",".join(sorted(item.topics)), ",".join(sorted(item.said)))
        digest.update("\0".join(parts).encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()
