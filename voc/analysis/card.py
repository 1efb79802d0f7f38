"""The accuracy card of the model that ships: measured when it was made, read here, never measured while somebody waits.

`docs/measure.py` writes it beside the model: what it reaches on the test part of the committed corpus, and the scores
that its trainer put into the manifest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Self, get_args

Kind = Literal["test", "loso", "report"]

FORMAT = 1
FILE = "card.json"
# test: the test part of our corpus; loso: a source left out of training, one at a time; report: never trained on.
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Score:
    """What was reached on one set of ``n`` texts in one language: all 0 to 1, None where it was not measured.

    ``low`` and ``high`` bound 95 % of what chance could have made of macro-F1. ``ece``: expected calibration error.
    """

    set: str
    kind: Kind
    language: str
    n: int
    accuracy: float | None = None
    macro_f1: float | None = None
    macro_f1_low: float | None = None
    macro_f1_high: float | None = None
    negative_recall: float | None = None
    negative_precision: float | None = None
    ece: float | None = None
    unknown: float | None = None
    language_accuracy: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read one; what this version does not know is passed over. Raises ValueError with the field that is wrong."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        wrong = [name for name in ("set", "kind", "language", "n") if name not in known]
        wrong += [name for name in ("set", "language") if name in known and not isinstance(known[name], str)]
        if known.get("kind") not in KINDS:
            wrong.append("kind")
        if type(known.get("n")) is not int or known["n"] < 0:
            wrong.append("n")
        wrong += [name for name in FIGURES if not _is_share(known.get(name))]
        if wrong:
            raise ValueError(f"a score has no good {', '.join(dict.fromkeys(wrong))}: {dict(data)!r:.200}")
        return cls(**known)


FIGURES = tuple(field.name for field in fields(Score))[4:]


def _is_share(value: object) -> bool:
    """Whether a figure is one, or None."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1)


@dataclass(frozen=True, slots=True)
class Trained:
    """Something the model was trained on: its name, how many texts, under which licence."""

    name: str
    rows: int
    license: str


@dataclass(frozen=True, slots=True)
class Card:
    """The card: name, version and weights (SHA-256) of the model, what it was trained on, and its scores.

    ``corpus`` is the SHA-256 of the test texts it was measured on.
    """

    name: str
    version: str
    weights: str
    corpus: str
    trained_on: tuple[Trained, ...]
    scores: tuple[Score, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for ``json.dumps``."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_dict`` wrote. Raises ValueError or KeyError on anything else."""
        if data.get("format") != FORMAT:
            raise ValueError(f"card format {data.get('format')!r} is not {FORMAT}")
        return cls(
            name=str(data["name"]),
            version=str(data["version"]),
            weights=str(data["weights"]),
            corpus=str(data["corpus"]),
            trained_on=tuple(Trained(**row) for row in data["trained_on"]),
            scores=tuple(Score.from_dict(row) for row in data["scores"]),
        )

    def languages(self) -> list[str]:
        """Languages that were measured, in the order of the scores."""
        return list(dict.fromkeys(score.language for score in self.scores))

    def of(self, language: str, kind: Kind) -> list[Score]:
        """The scores of one language and kind, in their order."""
        return [score for score in self.scores if (score.language, score.kind) == (language, kind)]

    def summaries(self) -> Iterator[tuple[Score, int]]:
        """For each language and kind the mean over its sets and how many these were, in the order of ``KINDS``."""
        for language in self.languages():
            for kind in KINDS:
                found = self.of(language, kind)
                if found:
                    yield mean(found), len(found)


def mean(scores: Sequence[Score]) -> Score:
    """The mean of sets of one language and kind, every set counting the same; of one set it is that set.

    Sets are independent: the half width of the mean is the root of the sum of squares of theirs, by their number; it is
    None unless every set has an interval. Raises ValueError without any.
    """
    if not scores:
        raise ValueError("there are no scores")
    first = scores[0]
    if len(scores) == 1:
        return first
    figures = {name: _average([getattr(score, name) for score in scores]) for name in FIGURES}
    halves = [
        None if score.macro_f1_low is None or score.macro_f1_high is None else score.macro_f1_high - score.macro_f1_low
        for score in scores
    ]
    figures["macro_f1_low"] = figures["macro_f1_high"] = None
    center, widths = figures["macro_f1"], [half / 2 for half in halves if half is not None]
    if center is not None and len(widths) == len(scores):
        half = sum(width * width for width in widths) ** 0.5 / len(widths)
        figures["macro_f1_low"], figures["macro_f1_high"] = max(center - half, 0.0), min(center + half, 1.0)
    return Score("", first.kind, first.language, sum(score.n for score in scores), **figures)


def _average(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


@cache
def shipped() -> Card | None:
    """The card of the model that ships, read once; None while there is none. Raises ValueError on a damaged one."""
    file = files("voc.analysis.linear") / FILE
    return Card.from_dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
