"""The model that ships and the model of the extra together: better labels for those who have the time.

What the linear model says of a whole text is moved by what a small head makes of its embedding; the words that carry
the label are still the linear model's, and pieces of a text are judged by that one alone. An embedding takes some 30 to
50 ms of computing, ten times the rest of the analysis.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, Self

from voc.analysis.embedding.encoder import Encoder, Missing, Vector, encoder, model_name
from voc.analysis.labels import LABELS
from voc.core.vocabulary import LANGUAGES
from voc.plugin.analyzer import Sentiment

log = logging.getLogger(__name__)

NAME = "voc-e5"
FILE = "head.json"
# Of a probability, so that the logarithm of one that was rounded to nothing is still a number.
LEAST = 5e-5
KNOWN = len(LABELS) - 1  # unknown is no label that is weighed

Three = tuple[float, float, float]


class First(Protocol):
    """The analyzer whose opinion is the first one."""

    name: str
    version: str

    def analyze_clauses(self, text: str, language: str, spans: Sequence[tuple[int, int]]) -> list[Sentiment]:
        """Judge a text and pieces of it."""
        ...

    def carried(self, said: Sentiment, text: str, language: str) -> Sentiment:
        """The same judgement with the words of the text that carry it."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
    """Weights over an embedding of length one, less the middle of many; made for the vectors of one model.

    ``weights`` has a row a number and a column a label, ``heat`` makes its scores as modest as they should be; of the
    sum of both opinions' log-probabilities the second counts ``share``, and it is divided by ``calm`` in the end.
    ``moves`` are the log-odds by which each label is then moved: a missed complaint costs more than one too many.
    """

    made_for: str
    version: str
    middle: Vector
    weights: Vector
    bias: Sequence[float]
    heat: float
    share: float
    calm: float
    moves: Three

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what the trainer wrote. Raises KeyError or ValueError on anything else."""
        import numpy as np

        middle, weights = np.array(data["middle"], dtype=float), np.array(data["weights"], dtype=float)
        if weights.shape != (len(middle), KNOWN) or len(data["bias"]) != KNOWN:
            raise ValueError("weights of another shape than the middle and the labels")
        a, b, c = map(float, data["moves"])
        numbers = {name: float(data[name]) for name in ("heat", "share", "calm")}
        made_for, version, bias = str(data["made_for"]), str(data["version"]), tuple(map(float, data["bias"]))
        return cls(made_for, version, middle, weights, bias, moves=(a, b, c), **numbers)

    def logarithms(self, vector: Vector) -> Three:
        """Log-probabilities of negative, neutral and positive. Raises ValueError for a vector without direction."""
        import numpy as np

        length = float(np.linalg.norm(vector))
        if not 0.0 < length < math.inf:
            raise ValueError("a vector without direction")
        scores = ((np.asarray(vector) / length - self.middle) @ self.weights + np.array(self.bias)) / self.heat
        top = float(scores.max())
        total = top + math.log(float(np.exp(scores - top).sum()))
        a, b, c = (float(score) - total for score in scores)
        return a, b, c

    def joined(self, first: Three, second: Three) -> Three:
        """Both opinions as one: probabilities of the first, log-probabilities of the second."""
        sums = [
            (math.log(max(p, LEAST)) + self.share * q) / self.calm + move
            for p, q, move in zip(first, second, self.moves, strict=True)
        ]
        top = max(sums)
        powers = [math.exp(value - top) for value in sums]
        total = sum(powers)
        a, b, c = (power / total for power in powers)
        return a, b, c


class SecondOpinion:
    """An analyzer of the contract; one instance may be shared by threads."""

    name = NAME
    languages = frozenset(LANGUAGES)

    def __init__(self, first: First, head: Head, made_by: Encoder) -> None:
        """Raises Missing when the head was made for another model than the encoder's."""
        if _series(head.made_for) != _series(model_name(made_by)):
            raise Missing(f"{NAME} was made for {head.made_for}; {model_name(made_by)} is installed")
        self._first, self._head, self._encoder = first, head, made_by
        self.version = f"{first.version}.{head.version}"

    def analyze(self, text: str, language: str) -> Sentiment:
        """Judge a text; *unknown* where the first opinion is."""
        return self.analyze_clauses(text, language, ())[0]

    def analyze_clauses(self, text: str, language: str, spans: Sequence[tuple[int, int]]) -> list[Sentiment]:
        """Judge a text with both, and pieces of it with the first alone."""
        whole, *pieces = self._first.analyze_clauses(text, language, spans)
        if whole.label == "unknown" or whole.probability is None:
            return [whole, *pieces]
        (vector,) = self._encoder.passages([text])
        chances = self._head.joined(chances_of(whole), self._head.logarithms(vector))
        best = max(chances)
        label = LABELS[chances.index(best)]
        polarity, negative = round(chances[2] - chances[0], 4), round(chances[0], 4)
        said = Sentiment(label, round(best, 4), polarity, whole.evidence, negative)
        return [said if label == whole.label else self._first.carried(said, text, language), *pieces]


def chances_of(said: Sentiment) -> Three:
    """Probabilities of negative, neutral and positive of a judgement that has them."""
    negative = said.negative or 0.0
    positive = max(0.0, said.polarity + negative)
    return negative, max(0.0, 1.0 - negative - positive), positive


def _series(model: str) -> str:
    """Name and first two numbers of a version: a mended release makes the same vectors."""
    return ".".join(model.split(".")[:2])


@cache
def head() -> Head:
    """The head that ships, read once."""
    file = files("voc.analysis.embedding") / FILE
    return Head.from_dict(json.loads(file.read_text(encoding="utf-8")))


@cache
def second_opinion() -> SecondOpinion | None:
    """The analyzer, made once; None, with a line in the log, where the extra is not installed or does not run."""
    from voc.analysis.linear.analyzer import shipped_analyzer

    try:
        return SecondOpinion(shipped_analyzer(), head(), encoder())
    except Missing as error:
        log.warning("the model that ships judges alone", extra={"reason": str(error)})
        return None
