"""Figures of predictions by source and language, as the manifest keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voc.analysis.evaluation import confusion
from voc.analysis.evaluation.report import report
from voc.analysis.evaluation.tally import Evaluation, Tally
from voc.analysis.training.descent import Array
from voc.analysis.training.sources import LABELS, Example

LEAST = 100  # texts below which a figure says nothing
_KEPT = (
    "accuracy", "macro_f1", "macro_f1_low", "macro_f1_high", "negative_recall", "negative_precision", "ece", "unknown",
)  # fmt: skip


def scores_of(examples: Sequence[Example], chances: Array, kind: str) -> list[dict[str, Any]]:
    """One score for each language and source of at least a hundred texts; ``kind`` says how they were unseen."""
    evaluation = Evaluation()
    for example, row in zip(examples, chances.tolist(), strict=True):
        source = example.group if example.group.startswith("mabsa") else example.source
        tally = evaluation.tallies.setdefault((example.language, source), Tally())
        best = max(range(len(LABELS)), key=row.__getitem__)
        tally.texts += 1
        tally.labels[confusion.cell(LABELS[example.label], LABELS[best])] += 1
        tally.calibration.add(row[best], best == example.label)
    return [
        {"set": row.source, "kind": kind, "language": row.language, "n": row.n, **_figures(row.to_dict())}
        for row in report(evaluation).rows
        if row.source and row.n >= LEAST and row.kind != "mean"
    ]


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    """The figures that the card shows."""
    return {name: row[name] for name in _KEPT if name in row}
