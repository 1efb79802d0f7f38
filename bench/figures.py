"""One line of the result: what was asked, what was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure with its target. `at_least` says in which direction it is good; no target: for information."""

    name: str
    value: float
    unit: str
    detail: str
    target: float | None = None
    at_least: bool = True

    @property
    def ok(self) -> bool:
        """Whether the target is met; a figure without one always is."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def line(self) -> str:
        """The figure as a row of the table."""
        sign = ">=" if self.at_least else "<="
        target = "" if self.target is None else f"{sign} {self.target:g}{self.unit}"
        verdict = "" if self.target is None else "ok" if self.ok else "BELOW"
        return f"{self.name:<46}{target:>10}{self.value:>10.2f}{self.unit:<4}{verdict:<7}{self.detail}"


def table(figures: Iterable[Figure]) -> str:
    """All figures under a heading."""
    head = f"{'':<46}{'target':>10}{'measured':>10}"
    return "\n".join([head, *(figure.line() for figure in figures)])
