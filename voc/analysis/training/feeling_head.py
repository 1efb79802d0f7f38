"""Trains the sentiment head: balanced rows, leave-some-sources-out predictions, and the calibration found on these."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voc.analysis.linear.features import SIZE
from voc.analysis.training.descent import Array, Table, fit, softmax
from voc.analysis.training.sources import LABELS, OPEN, Example
from voc.core.vocabulary import LANGUAGES

OWN_SHARE = 8.0  # what a text written for the purpose counts beside a sentence of the open data
DECAY = 1e-5
STEPS = 80
# Weights too large for the scale of the others. To cut more costs more than the finer scale gives: it is the large ones
# that tell what is said of a whole text.
CUT_OFF = 2
FOLDS = 5
# Log-odds by which a label is moved: a complaint that is missed costs more than one too many (chosen on the folds).
TOWARDS = {"negative": 0.3, "neutral": 0.0, "positive": 0.0}


def weights_of(examples: Sequence[Example]) -> Array:
    """Each language counts the same, and in it each label the same; together one."""
    base = np.array([1.0 if example.source in OPEN else OWN_SHARE for example in examples])
    languages = np.array([example.language for example in examples])
    labels = np.array([example.label for example in examples])
    for language in LANGUAGES:
        for label in range(len(LABELS)):
            mask = (languages == language) & (labels == label)
            if mask.any():
                base[mask] /= base[mask].sum()
    return base / base.sum()


def fold_of(group: str, groups: Sequence[str]) -> int:
    """The fold in which a group is left out; the groups are dealt round."""
    return groups.index(group) % FOLDS


def left_out(
    rows: Table,
    examples: Sequence[Example],
    progress: Callable[[str], None],
    *,
    decay: float = DECAY,
    steps: int = STEPS,
) -> Array:
    """Scores of every example from weights that have not seen its source."""
    groups = sorted({example.group for example in examples})
    folds = np.array([fold_of(example.group, groups) for example in examples])
    scores = np.zeros((len(examples), len(LABELS)))
    for fold in range(FOLDS):
        keep = folds != fold
        others = [e for e, kept in zip(examples, keep, strict=True) if kept]
        matrix, bias = train(rows.chosen(keep), others, decay=decay, steps=steps)
        scores[~keep] = rows.chosen(~keep).times(matrix) + bias
        progress(f"sentiment: part {fold + 1} of {FOLDS} left out")
    return scores


def train(rows: Table, examples: Sequence[Example], *, decay: float = DECAY, steps: int = STEPS) -> tuple[Array, Array]:
    """Weights and bias from all of these examples."""
    labels = np.array([example.label for example in examples])
    return fit(rows, labels, weights_of(examples), classes=len(LABELS), decay=decay, steps=steps)


@dataclass(frozen=True, slots=True)
class Cooling:
    """Calibration as the analyzer reads it."""

    level: float
    slope: float
    moves: dict[str, list[float]]

    def to_dict(self) -> dict[str, Any]:
        """For the manifest."""
        return {"level": self.level, "slope": self.slope, "moves": self.moves}

    def probabilities(self, scores: Array, words: Array, languages: Sequence[str]) -> Array:
        """Calibrated probabilities of rows."""
        heat = np.exp(self.level + self.slope * np.log1p(words))[:, None]
        return softmax(scores / heat + np.array([self.moves[language] for language in languages]))


def shares_of(examples: Sequence[Example]) -> Array:
    """What each example counts where likelihoods are compared: a source by the root of its size; together one."""
    shares = np.zeros(len(examples))
    keys = [(example.language, example.source) for example in examples]
    for key in sorted(set(keys)):
        mask = np.array([k == key for k in keys])
        shares[mask] = mask.sum() ** -0.5
    return shares / shares.sum()


def cooling(scores: Array, words: Array, examples: Sequence[Example]) -> Cooling:
    """The temperature by length under which the left-out scores are most likely, found on a grid; the moves are those
    of ``TOWARDS``. Every language counts the same, every source in it by the root of its size."""
    labels = np.array([example.label for example in examples])
    shares = shares_of(examples)
    best, chosen = math.inf, (0.0, 0.0)
    for level in np.arange(-1.0, 1.01, 0.1):
        for slope in np.arange(-0.3, 0.31, 0.05):
            chances = softmax(scores / np.exp(level + slope * np.log1p(words))[:, None])
            loss = -(shares * np.log(chances[np.arange(len(labels)), labels] + 1e-9)).sum()
            if loss < best - 1e-12:
                best, chosen = float(loss), (round(float(level), 2), round(float(slope), 2))
    moves = [TOWARDS[label] for label in LABELS]
    return Cooling(chosen[0], chosen[1], dict.fromkeys(LANGUAGES, moves))


def packed(matrix: Array, bias: Array, *, cut_off: int = CUT_OFF) -> tuple[bytes, float, list[float]]:
    """Signed bytes (column after column), their scale and the bias; the ``cut_off`` largest weights are cut."""
    scale = float(np.sort(np.abs(matrix), axis=None)[-1 - cut_off]) / 127
    steps = np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8)
    if matrix.shape[0] != SIZE:
        raise ValueError("a table of another size than the features")
    body = b"".join(np.ascontiguousarray(steps[:, k]).tobytes() for k in range(matrix.shape[1]))
    return body, scale, [round(float(value), 6) for value in bias]
