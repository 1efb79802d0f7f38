"""A head that was learnt from a company's own labels: its weights in one byte each, packed small, asked quickly. Pure.

Packed: ``VOCHEAD`` and a line feed, the length of the description as decimal digits and a line feed, the description
(JSON), then one compressed stream of signed bytes, topic by topic. The same head gives the same bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import Any, Protocol, Self

from voc.analysis.linear.table import Table, table

MAGIC = b"VOCHEAD\n"
FORMAT = 1
BITS = 17
LARGEST = 1_000_000  # bytes of a packed head
MOST_TOPICS = 100
MOST_WORDS = 2_000

Places = Sequence[int]


class Weights(Protocol):
    """What a topic's weights look like before they are rounded."""

    @property
    def weights(self) -> Mapping[int, float]:
        """Weight by place."""

    @property
    def bias(self) -> float:
        """What is added for every text."""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights of every topic with the probability from which on it counts.

    ``floor``: where nothing counts the likeliest topic does, when it is likelier than this.
    """

    table: Table | None
    thresholds: Mapping[str, float]
    floor: float

    @classmethod
    def empty(cls) -> Self:
        """A head that knows no topic."""
        return cls(None, {}, 1.0)

    @property
    def topics(self) -> tuple[str, ...]:
        """The keys of the topics that it knows."""
        return self.table.classes if self.table is not None else ()

    def likely(self, seen: Places) -> dict[str, float]:
        """The probability of each topic for the places of a text (`voc.analysis.learning.places`)."""
        if self.table is None:
            return {}
        factor = self.table.scale / sqrt(len(seen)) if seen else 0.0
        sums = zip(self.table.classes, self.table.sums(seen), self.table.bias, strict=True)
        return {topic: logistic(bias + factor * total) for topic, total, bias in sums}

    def told(self, seen: Places, *, spoken: bool) -> dict[str, float]:
        """The topics that count with their probability; `spoken`: words found some topic already."""
        likely = self.likely(seen)
        return {topic: likely[topic] for topic in chosen(likely, self.thresholds, self.floor, spoken)}

    def heaviest(self, topic: str, pieces: Sequence[Places]) -> int:
        """Which of several pieces of a text speaks most for a topic; the first of equals."""
        assert self.table is not None  # noqa: S101  (a head without topics tells none)
        column = self.table.columns[self.table.classes.index(topic)]
        sums = [sum([column[place] for place in piece]) for piece in pieces]
        return max(range(len(sums)), key=lambda at: (sums[at], -at))

    def pack(self) -> bytes:
        """The head as bytes, at most 1,000,000: the weights that say least go first."""
        least, body = 1, self._body(1)
        while len(body) > LARGEST:
            least += 1
            body = self._body(least)
        return body

    def _body(self, least: int) -> bytes:
        described: dict[str, Any] = {"format": FORMAT, "topics": list(self.topics), "floor": self.floor}
        described["thresholds"] = [self.thresholds[topic] for topic in self.topics]
        weights = b""
        if self.table is not None:
            described |= {"scale": self.table.scale, "bias": list(self.table.bias)}
            light = bytes(0 if -least < value < least else value & 255 for value in range(-128, 128))
            # By the byte's own number: 0…127, then −128…−1.
            weights = b"".join(bytes(column) for column in self.table.columns).translate(light[128:] + light[:128])
        head = json.dumps(described, sort_keys=True).encode()
        return MAGIC + str(len(head)).encode() + b"\n" + head + zlib.compress(weights, 9)

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """A head from its bytes. Raises ValueError on anything else, and on a head of another time."""
        if not data.startswith(MAGIC) or len(data) > LARGEST:
            raise ValueError("this is no head")
        length, _, rest = data[len(MAGIC) :].partition(b"\n")
        try:
            described = json.loads(rest[: int(length)])
            if described["format"] != FORMAT:
                raise ValueError(f"its format {described['format']!r} is not {FORMAT}")
            topics = described["topics"]
            if not topics:
                return cls.empty()
            body = zlib.decompressobj().decompress(rest[int(length) :], len(topics) << BITS)
            if len(body) != len(topics) << BITS:
                raise ValueError("the weights are cut off")
            thresholds = dict(zip(topics, described["thresholds"], strict=True))
            return cls(table(topics, body, described["scale"], described["bias"]), thresholds, described["floor"])
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise ValueError(f"this is no head: {error}") from None


def quantized(topics: Sequence[str], columns: Mapping[str, Weights], marks: Mapping[str, float], floor: float) -> Head:
    """A head from weights of any size: the largest becomes 127."""
    largest = max((abs(weight) for column in columns.values() for weight in column.weights.values()), default=0.0)
    scale = largest / 127 or 1.0
    body = bytearray(len(topics) << BITS)
    for number, topic in enumerate(topics):
        start = number << BITS
        for place, weight in columns[topic].weights.items():
            body[start + place] = round(weight / scale) & 255
    made = table(topics, bytes(body), scale, [columns[topic].bias for topic in topics])
    return Head(made, dict(marks), floor)


def logistic(value: float) -> float:
    """The probability that belongs to a sum of weights."""
    return 1.0 / (1.0 + exp(-min(max(value, -30.0), 30.0)))


def chosen(likely: Mapping[str, float], marks: Mapping[str, float], floor: float, spoken: bool) -> frozenset[str]:
    """The topics that count; `spoken`: words found one already, so that the likeliest need not stand in."""
    told = frozenset([topic for topic, probability in likely.items() if probability > marks[topic]])
    if not told and not spoken and likely:
        top = max(likely, key=lambda topic: (likely[topic], topic))
        if likely[top] > floor:
            return frozenset([top])
    return told
