"""Texts that differ in one small thing: what they mean is heard, in each language."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from voc.analysis.linear.analyzer import shipped_analyzer

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("minimal_pairs.jsonl").read_text(encoding="utf-8").splitlines()
]
CORPUS = Path(__file__).parents[3] / "voc" / "analysis" / "corpus"


def test_there_are_enough_and_none_of_them_trained_the_model() -> None:
    assert len(ROWS) >= 150
    trained = {
        json.loads(line)["text"].strip().lower()
        for language in ("es", "pt", "en")
        for line in (CORPUS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    }
    assert not [row["text"] for row in ROWS if row["text"].strip().lower() in trained]


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_nearly_all_are_right(language: str) -> None:
    rows = [row for row in ROWS if row["lang"] == language]
    analyzer = shipped_analyzer()
    wrong = [
        (row["text"], row["label"], said.label)
        for row in rows
        if (said := analyzer.analyze(row["text"], language)).label != row["label"]
    ]
    # Reached when this was written: 99 of 104, 91 of 93, 71 of 76; 95 in 100 of all, and not far from it in each.
    assert len(wrong) <= {"es": 5, "pt": 2, "en": 5}[language], wrong


def test_of_all_at_least_95_in_100() -> None:
    analyzer = shipped_analyzer()
    right = sum(analyzer.analyze(row["text"], row["lang"]).label == row["label"] for row in ROWS)
    assert right >= 0.95 * len(ROWS)


@pytest.mark.parametrize("kind", ["denied_bad", "address", "accents", "emoji"])
def test_some_kinds_are_never_wrong(kind: str) -> None:
    analyzer = shipped_analyzer()
    rows = [row for row in ROWS if row["kind"] == kind]
    counts = Counter(analyzer.analyze(row["text"], row["lang"]).label == row["label"] for row in rows)
    assert counts[False] == 0
