"""Learning a company's topics from labelled texts: one logistic regression for each topic, in pure Python. Pure.

A text is the set of its words, word pairs, beginnings of words and letter fours, each once; the weights come from
AdaGrad in a fixed order, so that the same texts give the same head, byte for byte. From which probability on a topic
counts is chosen for each topic on texts that had no part in the weights (cross-validation).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from math import sqrt

from voc.analysis.folding import Token, fold, tokens
from voc.analysis.learned import BITS, MOST_TOPICS, MOST_WORDS, Head, chosen, logistic, quantized
from voc.analysis.linear.features import gram_names, number, pair_name, squeezed, word_names

SEED = 1
EPOCHS = 20
RATE = 2.0
SHRINK = 0.1  # L2, for the whole set of texts
START = 1.0  # of the sum of squares: a rare word begins as careful as a common one
SURE = 0.02  # an error smaller than this teaches nothing
FOLDS = 5
LONGEST = 4_000  # characters of a text that are learnt from
# A topic is learnt from this many texts on.
LEAST = 5
GRID = tuple(step / 100 for step in range(10, 76, 5))
FLOORS = (0.1, 0.15, 0.2, 0.25, 0.3, 1.0)
GAIN = 0.0005

Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the keys of all the topics that it speaks of; `said` are those that the taxonomy's words find."""

    text: str
    topics: frozenset[str]
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Score:
    """How well topics were told: counts of right, wrong and missed ones, and what follows from them."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Micro-averaged F1 in 0…1; 1 where there was nothing to find and nothing was found."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0

    @property
    def precision(self) -> float:
        """How much of what was told is right, in 0…1; 1 where nothing was told."""
        total = self.right + self.wrong
        return self.right / total if total else 1.0


@lru_cache(maxsize=20_000)
def _word_places(word: str) -> Places:
    """Places of everything about one word."""
    return tuple(number(name) & (1 << BITS) - 1 for name in (*word_names(word, False), *gram_names(word)))


def places(words: Sequence[Token]) -> Places:
    """What the head sees of the words of a text, each once and in rising order."""
    seen = [squeezed(token.word) for token in words[:MOST_WORDS]]
    found = {place for word in seen for place in _word_places(word)}
    found.update(number(pair_name(one, other)) & (1 << BITS) - 1 for one, other in pairwise(seen))
    return tuple(sorted(found))


def places_of(text: str) -> Places:
    """The same of a text that was not cut yet; at most 4,000 characters."""
    return places(tokens(fold(text[:LONGEST])))


def share(text: str) -> float:
    """A number in 0…1 that depends on the text alone, spelled as it is but for case, accents and outer space."""
    return int.from_bytes(sha256(fold(text.strip()).text.encode("utf-8", "surrogatepass")).digest()[:6]) / 2**48


def ordered(items: Iterable[Labelled]) -> list[Labelled]:
    """Each text once (the last word on it counts), in an order that depends on the texts alone."""
    once = {fold(item.text.strip()).text: item for item in items}
    return sorted(once.values(), key=lambda item: (share(item.text), item.text))


def learn(items: Iterable[Labelled], like: Head | None = None) -> Head:
    """A head from labelled texts, in whatever order they come; without anything to learn it finds nothing.

    `like`: a head of the same kind, whose topics and thresholds are taken over instead of looked for.
    """
    known = ordered(items)
    topics = learnable(known) if like is None else like.topics
    if not topics:
        return Head.empty()
    seen = [places_of(item.text) for item in known]
    marks = {topic: [topic in item.topics for item in known] for topic in topics}
    if like is None:
        thresholds, floor = _thresholds(known, topics, _held_out(seen, marks))
    else:
        thresholds, floor = dict(like.thresholds), like.floor
    columns = {topic: _fit(seen, marks[topic]) for topic in topics}
    return quantized(topics, columns, thresholds, floor)


def learnable(items: Sequence[Labelled]) -> tuple[str, ...]:
    """Topics that enough texts speak of, and not all of them do; at most 100, the commonest."""
    counts: dict[str, int] = {}
    for item in items:
        for topic in item.topics:
            counts[topic] = counts.get(topic, 0) + 1
    enough = [topic for topic, count in counts.items() if LEAST <= count < len(items)]
    return tuple(sorted(sorted(enough, key=lambda topic: (-counts[topic], topic))[:MOST_TOPICS]))


def _held_out(seen: Sequence[Places], marks: Mapping[str, Sequence[bool]]) -> list[dict[str, float]]:
    """For each text the probability of each topic by weights that never saw it."""
    found: list[dict[str, float]] = [{} for _ in seen]
    for fold_number in range(FOLDS):
        inside = [index for index in range(len(seen)) if index % FOLDS != fold_number]
        outside = range(fold_number, len(seen), FOLDS)
        for topic, said in marks.items():
            column = _fit([seen[index] for index in inside], [said[index] for index in inside])
            for index in outside:
                found[index][topic] = column.probability(seen[index])
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """Weights of one topic by place, before they are rounded."""

    weights: Mapping[int, float]
    bias: float

    def probability(self, seen: Places) -> float:
        """How likely a text speaks of the topic."""
        weights = self.weights
        total = sum([weights[place] for place in seen if place in weights])
        return logistic(self.bias + (total / sqrt(len(seen)) if seen else 0.0))


def _fit(seen: Sequence[Places], marks: Sequence[bool]) -> Column:
    """AdaGrad over the texts, in an order that is turned by a fixed step every round."""
    index = {place: at for at, place in enumerate(dict.fromkeys(place for item in seen for place in item))}
    rows = [[index[place] for place in item] for item in seen]
    norms = [1.0 / sqrt(len(row)) if row else 0.0 for row in rows]
    weights, squares = [0.0] * len(index), [START] * len(index)
    bias, bias_square = 0.0, START
    shrink = SHRINK / max(len(seen), 1)
    size = len(rows)
    step = _coprime(size)
    get = weights.__getitem__
    for epoch in range(EPOCHS):
        for turn in range(size):
            at = (SEED + epoch + turn * step) % size
            row, norm = rows[at], norms[at]
            error = logistic(bias + norm * sum(map(get, row))) - marks[at]
            if -SURE < error < SURE:
                continue
            bias_square += error * error
            bias -= RATE * error / sqrt(bias_square)
            slope = error * norm
            square = slope * slope
            for place in row:
                squares[place] = total = squares[place] + square
                weight = weights[place]
                weights[place] = weight - RATE * (slope + shrink * weight) / sqrt(total)
    return Column({place: weights[at] for place, at in index.items()}, bias)


def _coprime(size: int) -> int:
    """A step that visits every text once a round, far from its neighbors."""
    step = max(int(size * 0.618), 1)
    while _divisor(step, size) != 1:
        step += 1
    return step


def _divisor(one: int, other: int) -> int:
    while other:
        one, other = other, one % other
    return one


def _thresholds(
    items: Sequence[Labelled], topics: Sequence[str], found: Sequence[Mapping[str, float]]
) -> tuple[dict[str, float], float]:
    """From which probability on each topic counts, and from which on the likeliest one counts when none does.

    Each topic starts with the threshold that is best for all, and leaves it only for a gain.
    """
    counts = {topic: _by_mark(items, found, topic) for topic in topics}
    others = _sum([_counted(item.said - counts.keys(), item.topics - counts.keys()) for item in items])
    common = max(range(len(GRID)), key=lambda mark: _sum([others, *[counts[topic][mark] for topic in topics]]).f1)
    at = dict.fromkeys(topics, common)
    for topic in topics:
        rest = _sum([others, *[counts[other][at[other]] for other in topics if other != topic]])
        gains = [_sum([rest, counted]).f1 for counted in counts[topic]]
        best = max(range(len(GRID)), key=gains.__getitem__)
        if gains[best] > gains[common] + GAIN:
            at[topic] = best
    marks = {topic: GRID[mark] for topic, mark in at.items()}
    floor = max(FLOORS, key=lambda floor: (score(items, found, marks, floor).f1, floor))
    return marks, floor


def _by_mark(items: Sequence[Labelled], found: Sequence[Mapping[str, float]], topic: str) -> list[Score]:
    """How well one topic is told at each threshold of the grid."""
    right, wrong, missed = [0] * len(GRID), [0] * len(GRID), [0] * len(GRID)
    for item, likely in zip(items, found, strict=True):
        true = topic in item.topics
        passed = len(GRID) if topic in item.said else bisect_left(GRID, likely[topic])
        for mark in range(len(GRID)):
            told = mark < passed
            right[mark] += true and told
            wrong[mark] += told and not true
            missed[mark] += true and not told
    return [Score(*counts) for counts in zip(right, wrong, missed, strict=True)]


def _counted(told: frozenset[str], true: frozenset[str]) -> Score:
    """One text: what was told of it and what it speaks of."""
    hits = len(told & true)
    return Score(hits, len(told) - hits, len(true) - hits)


def _sum(scores: Sequence[Score]) -> Score:
    return Score(sum(s.right for s in scores), sum(s.wrong for s in scores), sum(s.missed for s in scores))


def score(
    items: Sequence[Labelled], found: Sequence[Mapping[str, float]], marks: Mapping[str, float], floor: float
) -> Score:
    """How well probabilities tell the topics of texts, beside the words."""
    return _sum(
        [
            _counted(chosen(likely, marks, floor, bool(item.said)) | item.said, item.topics)
            for item, likely in zip(items, found, strict=True)
        ]
    )
