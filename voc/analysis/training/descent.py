"""Multinomial logistic regression on sparse rows by L-BFGS (Liu and Nocedal 1989), one thread, always in one order.

No matrix library: sums run element by element in a fixed order, so that the same data give the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Array = Any  # numpy is not there when the types are checked
KEPT = 8  # steps remembered
ARMIJO = 1e-4


class Table(Protocol):
    """Rows of features, however they are held."""

    @property
    def width(self) -> int:
        """Number of features."""
        ...

    def times(self, weights: Array) -> Array:
        """Rows times a matrix of ``width`` x classes."""
        ...

    def transposed(self, errors: Array) -> Array:
        """Transposed rows times a matrix of rows x classes."""
        ...

    def chosen(self, keep: Array) -> Table:
        """Only the rows of a boolean mask."""
        ...


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows: row ``i`` has the features ``places[starts[i]:starts[i + 1]]`` with their values; none is empty."""

    places: Array
    values: Array
    starts: Array
    width: int

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.starts) - 1

    def times(self, weights: Array) -> Array:
        """Rows times a matrix of ``width`` x classes."""
        turned = np.ascontiguousarray(weights.T)
        columns = [np.add.reduceat(column[self.places] * self.values, self.starts[:-1]) for column in turned]
        return np.stack(columns, axis=1)

    def transposed(self, errors: Array) -> Array:
        """Transposed rows times a matrix of rows x classes."""
        owners = np.repeat(np.arange(self.count), np.diff(self.starts))
        turned = np.ascontiguousarray(errors.T)
        columns = [
            np.bincount(self.places, weights=column[owners] * self.values, minlength=self.width) for column in turned
        ]
        return np.stack(columns, axis=1)

    def chosen(self, keep: Array) -> Rows:
        """Only the rows of a boolean mask."""
        sizes = np.diff(self.starts)
        mask = np.repeat(keep, sizes)
        starts = np.concatenate([[0], np.cumsum(sizes[keep])])
        return Rows(self.places[mask], self.values[mask], starts, self.width)


def rows_of(lists: Sequence[Sequence[tuple[int, float]]], width: int) -> Rows:
    """Rows from lists of (place, value). Raises ValueError on an empty row."""
    if any(not row for row in lists):
        raise ValueError("a row without features")
    sizes = [len(row) for row in lists]
    places = np.fromiter((place for row in lists for place, _ in row), dtype=np.int64, count=sum(sizes))
    values = np.fromiter((value for row in lists for _, value in row), dtype=np.float64, count=sum(sizes))
    return Rows(places, values, np.concatenate([[0], np.cumsum(sizes)]), width)


def softmax(scores: Array) -> Array:
    """Probabilities by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit(rows: Table, labels: Array, weights: Array, *, classes: int, decay: float, steps: int) -> tuple[Array, Array]:
    """Weight matrix and bias for integer ``labels``.

    ``weights`` of the rows sum to one; ``decay`` is the L2 penalty.
    """
    truth = np.eye(classes)[labels]
    size = rows.width * classes

    def loss(vector: Array) -> tuple[float, Array]:
        matrix, bias = vector[:size].reshape(rows.width, classes), vector[size:]
        scores = rows.times(matrix) + bias
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        total = powers.sum(axis=1, keepdims=True)
        value = -(weights[:, None] * truth * (scores - np.log(total))).sum() + decay * (matrix * matrix).sum()
        errors = weights[:, None] * (powers / total - truth)
        slope = rows.transposed(errors) + 2 * decay * matrix
        return float(value), np.concatenate([slope.ravel(), errors.sum(axis=0)])

    found = lbfgs(loss, np.zeros(size + classes), steps)
    return found[:size].reshape(rows.width, classes), found[size:]


def lbfgs(loss: Callable[[Array], tuple[float, Array]], start: Array, steps: int) -> Array:
    """Minimum of a smooth function that gives its value and its slope; at most ``steps`` steps."""
    place = start
    value, slope = loss(place)
    moves: list[tuple[Array, Array, float]] = []
    for _ in range(steps):
        direction = -_two_loops(slope, moves)
        fall = float((direction * slope).sum())
        if fall >= 0:
            moves, direction = [], -slope
            fall = -float((slope * slope).sum())
        length = 1.0 if moves else min(1.0, 1.0 / max(1e-12, float(np.abs(slope).sum())))
        for _ in range(30):
            following = place + length * direction
            after, rise = loss(following)
            if after <= value + ARMIJO * length * fall:
                break
            length *= 0.5
        else:
            return place
        step, turn = following - place, rise - slope
        bend = float((step * turn).sum())
        if bend > 1e-18:
            moves = [*moves, (step, turn, 1.0 / bend)][-KEPT:]
        done = abs(value - after) <= 1e-9 * max(1.0, abs(value))
        place, value, slope = following, after, rise
        if done:
            break
    return place


def _two_loops(slope: Array, moves: Sequence[tuple[Array, Array, float]]) -> Array:
    """The slope times the approximate inverse of the second derivatives."""
    vector, factors = slope.copy(), []
    for step, turn, inverse in reversed(moves):
        factor = inverse * float((step * vector).sum())
        vector -= factor * turn
        factors.append(factor)
    if moves:
        step, turn, _ = moves[-1]
        vector *= float((step * turn).sum()) / float((turn * turn).sum())
    for (step, turn, inverse), factor in zip(moves, reversed(factors), strict=True):
        vector += (factor - inverse * float((turn * vector).sum())) * step
    return vector
