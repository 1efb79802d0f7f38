"""A weight table: one signed byte per feature and class, with one scale for the whole table.

Sums are what costs time. A row packed into one whole number, each class in a field of its own, is added at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Vector = tuple[float, ...]

FIELD = 48  # bits of a field of a packed row; sums of a text stay far below
HALF = 1 << (FIELD - 1)
FIELD_MASK = (1 << FIELD) - 1


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

    def rows(self, pack: Callable[[list[int]], int]) -> tuple[int, ...]:
        """Every feature as ``pack`` packs its weights; equal ones are one object. Takes a moment and some megabytes."""
        size, width = len(self.columns[0]), 8
        if len(self.columns) > width:
            raise ValueError("a table of more than eight classes is not packed")
        mixed = bytearray(size * width)
        for number, column in enumerate(self.columns):
            mixed[number::width] = column.cast("B")
        codes = memoryview(mixed).cast("Q")
        known = {code: pack(_signed(code, len(self.columns))) for code in set(codes)}
        return tuple(map(known.__getitem__, codes))  # which the garbage collector does not go through


def _signed(code: int, count: int) -> list[int]:
    """The signed bytes that a number of the machine is made of, in their order."""
    return [(byte ^ 0x80) - 0x80 for byte in code.to_bytes(8, sys.byteorder)[:count]]


def packed(values: Iterable[int]) -> int:
    """Whole numbers as one, the first in the lowest field; sums of packed numbers are the packed sums."""
    return sum([value << (FIELD * number) for number, value in enumerate(values)])


def unpacked(row: int, count: int) -> list[int]:
    """The numbers of a packed row; the last one has no upper bound."""
    found = []
    for _ in range(count - 1):
        value = ((row + HALF) & FIELD_MASK) - HALF
        found.append(value)
        row = (row - value) >> FIELD
    return [*found, row]


def table(classes: Iterable[str], body: bytes, scale: float, bias: Iterable[float]) -> Table:
    """A table from its bytes: the columns one after the other. Raises ValueError when they do not divide evenly."""
    names = tuple(classes)
    if not names or len(body) % len(names):
        raise ValueError(f"{len(body)} bytes are no table of {len(names)} classes")
    view, size = memoryview(body).cast("b"), len(body) // len(names)
    columns = tuple(view[size * k : size * (k + 1)] for k in range(len(names)))
    return Table(names, columns, scale, tuple(bias))
