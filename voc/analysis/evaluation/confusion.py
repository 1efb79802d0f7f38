"""A table of what was right against what was answered, and the figures that come from it.

A table is twelve counts: a row for each class in the order of ``CLASSES``, in it a column for each answer in the order
of ``ANSWERS``. An answer of *unknown* is a wrong one. A figure is None where its denominator is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from voc.analysis.labels import LABELS

ANSWERS = LABELS
CLASSES = LABELS[:3]
CELLS = len(CLASSES) * len(ANSWERS)
NEGATIVE = CLASSES.index("negative")
UNKNOWN = ANSWERS.index("unknown")

Counts = Sequence[int]
Figure = float | None


def empty() -> list[int]:
    """A table of nothing."""
    return [0] * CELLS


def cell(label: str, answer: str) -> int:
    """The place of a pair in a table. Raises ValueError for words that are none."""
    return CLASSES.index(label) * len(ANSWERS) + ANSWERS.index(answer)


def of_class(counts: Counts, index: int) -> int:
    """How many of a class there were."""
    return sum(counts[index * len(ANSWERS) : (index + 1) * len(ANSWERS)])


def answered(counts: Counts, index: int) -> int:
    """How often a class was the answer (3: unknown)."""
    return sum(counts[index :: len(ANSWERS)])


def right(counts: Counts, index: int) -> int:
    """How often a class was the answer rightly."""
    return counts[index * len(ANSWERS) + index]


def share(part: int, whole: int) -> Figure:
    """A part of a whole, 0 to 1; None of nothing."""
    return part / whole if whole else None


def present(counts: Counts) -> tuple[int, ...]:
    """The classes of which there were any."""
    return tuple(index for index in range(len(CLASSES)) if of_class(counts, index))


def accuracy(counts: Counts) -> Figure:
    """The share of right answers."""
    return share(sum(right(counts, index) for index in range(len(CLASSES))), sum(counts))


def recall(counts: Counts, index: int = NEGATIVE) -> Figure:
    """Of a class, the share that was found."""
    return share(right(counts, index), of_class(counts, index))


def precision(counts: Counts, index: int = NEGATIVE) -> Figure:
    """Of the answers that named a class, the share that was right."""
    return share(right(counts, index), answered(counts, index))


def f1(counts: Counts, index: int) -> Figure:
    """The harmonic mean of recall and precision of a class."""
    return share(2 * right(counts, index), of_class(counts, index) + answered(counts, index))


def macro_f1(counts: Counts, classes: Sequence[int] | None = None) -> Figure:
    """The mean F1 of `classes`, by default those that occur: a source without neutral texts has the mean of two.

    Wrongly answering an absent class costs the classes that are there. A class that neither occurs nor was answered is
    left out.
    """
    found = [f1(counts, index) for index in (present(counts) if classes is None else classes)]
    known = [value for value in found if value is not None]
    return sum(known) / len(known) if known else None


def unknown(counts: Counts) -> Figure:
    """The share that was answered unknown."""
    return share(answered(counts, UNKNOWN), sum(counts))
