"""The accuracy card from a measurement and the manifest of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voc.analysis.card import FIGURES, Card, Score, Trained
from voc.analysis.evaluation.report import Report

CORPUS = "own corpus"
_DIGITS = 3


def card_of(report: Report, manifest: Mapping[str, Any], *, corpus: str) -> Card:
    """The card: the whole of each language from ``report`` as test, then ``manifest["scores"]`` (loso and report).

    Of the manifest it takes ``name``, ``version``, ``weights_sha256``, ``trained_on`` (a list of name, rows, license)
    and ``scores`` (see `voc.analysis.card.Score`). Raises ValueError when one of these is wrong, KeyError when it is
    missing. ``corpus`` is the SHA-256 of the texts of the report. Figures have three decimals.
    """
    tested = [_tested(row.to_dict()) for row in report.rows if row.kind == "all"]
    return Card(
        name=str(manifest["name"]),
        version=str(manifest["version"]),
        weights=str(manifest["weights_sha256"]),
        corpus=corpus,
        trained_on=tuple(_trained(row) for row in manifest["trained_on"]),
        scores=tuple(_rounded(score) for score in [*tested, *_told(manifest["scores"])]),
    )


def _tested(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the report as a score."""
    return {**row, "set": CORPUS, "kind": "test"}


def _told(scores: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Scores of the trainer. What it says of our test part is not taken: that is measured here."""
    return [score for score in scores if score.get("kind") != "test"]


def _trained(row: Mapping[str, Any]) -> Trained:
    return Trained(str(row["name"]), int(row["rows"]), str(row["license"]))


def _rounded(data: Mapping[str, Any]) -> Score:
    """A score with its figures cut to what is shown."""
    known = {name: data[name] for name in FIGURES if data.get(name) is not None}
    score = Score.from_dict(data)
    rounded = {name: round(value, _DIGITS) for name, value in known.items()}
    return Score(score.set, score.kind, score.language, score.n, **rounded)
