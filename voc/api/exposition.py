"""Prometheus text exposition format 0.0.4, the little of it that is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure of a metric; samples of one metric stand together."""

    name: str
    kind: str
    help: str
    value: float = 0
    labels: tuple[tuple[str, str], ...] = ()

    def of(self, value: float, **labels: str) -> Sample:
        """The same metric with this value and these labels."""
        return replace(self, value=value, labels=tuple(labels.items()))


def write(samples: Iterable[Sample]) -> str:
    """The samples as text, each metric introduced once."""
    lines: list[str] = []
    introduced = ""
    for sample in samples:
        if sample.name != introduced:
            introduced = sample.name
            lines += [f"# HELP {sample.name} {sample.help}", f"# TYPE {sample.name} {sample.kind}"]
        labels = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in sample.labels)
        lines.append(f"{sample.name}{f'{{{labels}}}' if labels else ''} {_number(sample.value)}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
