"""A weight table: one signed byte per feature and class, with one scale for the whole table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of a head: ``columns[k][i]`` is the signed byte of class ``k`` for feature ``i``; times ``scale``."""

    classes: tuple[str, ...]
    columns: tuple[memoryview, ...]
    scale: float
    bias: Vector

    def sums(self, places: Sequence[int]) -> Vector:
        """Sum of the weights of some features, by class, in units of the table (not yet scaled)."""
        return tuple(sum([column[place] for place in places]) for column in self.columns)


def table(classes: Iterable[str], body: bytes, scale: float, bias: Iterable[float]) -> Table:
    """A table from its bytes: the columns one after the other. Raises ValueError when they do not divide evenly."""
    names = tuple(classes)
    if not names or len(body) % len(names):
        raise ValueError(f"{len(body)} bytes are no table of {len(names)} classes")
    view, size = memoryview(body).cast("b"), len(body) // len(names)
    columns = tuple(view[size * k : size * (k + 1)] for k in range(len(names)))
    return Table(names, columns, scale, tuple(bias))


def plus(one: Vector, other: Vector) -> Vector:
    """Sum of two vectors of one length."""
    return tuple(a + b for a, b in zip(one, other, strict=True))
