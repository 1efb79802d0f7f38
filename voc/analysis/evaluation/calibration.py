"""Whether a probability means what it says: expected calibration error over ten even bins (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass, field

BINS = 10


def _zeros() -> list[float]:
    return [0.0] * BINS


@dataclass(slots=True)
class Calibration:
    """Ten bins of answers by the probability of their label: how many, how probable in sum, how many right."""

    counts: list[float] = field(default_factory=_zeros)
    promised: list[float] = field(default_factory=_zeros)
    kept: list[float] = field(default_factory=_zeros)

    def add(self, probability: float, is_right: bool) -> None:
        """Count one answer; `probability` is in 0…1."""
        index = min(int(probability * BINS), BINS - 1)
        self.counts[index] += 1
        self.promised[index] += probability
        self.kept[index] += is_right

    def join(self, other: Calibration) -> None:
        """Add the answers of another one."""
        for mine, others in ((self.counts, other.counts), (self.promised, other.promised), (self.kept, other.kept)):
            mine[:] = [a + b for a, b in zip(mine, others, strict=True)]

    @property
    def error(self) -> float | None:
        """The distance between promised and kept, averaged over all answers: 0 to 1, None without answers.

        Answers of *unknown* promise nothing and are never added.
        """
        total = sum(self.counts)
        if not total:
            return None
        return sum(abs(a - b) for a, b in zip(self.promised, self.kept, strict=True)) / total
