"""The accuracy card: what it takes from where, its means, and that the one that ships is fresh."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.analysis import card
from voc.analysis.card import Card, Score, mean
from voc.analysis.linear import artifact

ROOT = Path(__file__).resolve().parents[3]
LOSO = {
    "set": "hotels", "kind": "loso", "language": "es", "n": 100, "accuracy": 0.61234, "macro_f1": 0.6,
    "macro_f1_low": 0.57, "macro_f1_high": 0.63, "negative_recall": 0.8, "negative_precision": 0.7, "ece": 0.04,
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "name": "linear", "version": "2", "weights_sha256": "ab" * 32,
    "trained_on": [{"name": "own corpus", "rows": 9000, "license": "MIT", "sha256": "00"}],
    "scores": [LOSO, {**LOSO, "set": "ours", "kind": "test"}, {**LOSO, "set": "tweets", "kind": "report", "n": 40}],
}  # fmt: skip


def script(name: str) -> ModuleType:
    """A script of `docs/`."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = [
        {"text": "Terrible service, I hate it", "lang": "en", "label": "negative", "split": "test"},
        {"text": "Great, I love it", "lang": "en", "label": "positive", "split": "test"},
        {"text": "Awful", "lang": "en", "label": "positive", "split": "train"},
    ]
    path = tmp_path / "own_en.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_measured_on_the_test_part_alone(corpus: Path) -> None:
    found = script("measure").measured([corpus], MANIFEST)
    (tested,) = found.of("en", "test")
    assert (tested.n, tested.accuracy, tested.language_accuracy) == (2, 1.0, 1.0)
    assert (found.name, found.version, found.weights) == ("linear", "2", "ab" * 32)
    assert [(score.set, score.kind) for score in found.scores][1:] == [("hotels", "loso"), ("tweets", "report")]
    assert found.of("es", "loso")[0].accuracy == 0.612, "three decimals"
    assert Card.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_without_a_test_part_there_is_no_card(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text('{"text": "a", "lang": "en", "label": "neutral", "split": "train"}\n\n')
    with pytest.raises(ValueError, match="test part"):
        script("measure").measured([empty], MANIFEST)


WRONG = [
    {"kind": "dev"}, {"n": -1}, {"n": True}, {"n": "3"}, {"set": None}, {"ece": 1.2}, {"macro_f1": "1"},
    {"accuracy": float("nan")},
]  # fmt: skip


@pytest.mark.parametrize("change", WRONG)
def test_a_score_that_is_none_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        Score.from_dict({**LOSO, **change})


def test_another_format_is_refused(corpus: Path) -> None:
    data = script("measure").measured([corpus], MANIFEST).to_dict()
    with pytest.raises(ValueError, match="format"):
        Card.from_dict({**data, "format": 2})


def test_mean_by_hand() -> None:
    one, other = (
        Score.from_dict(LOSO),
        Score.from_dict({**LOSO, "n": 50, "macro_f1": 0.5, "macro_f1_low": 0.46, "macro_f1_high": 0.54}),
    )
    found = mean([one, other])
    # Half widths .03 and .04: the root of the sum of squares is .05, by two.
    assert (found.n, found.macro_f1) == (150, pytest.approx(0.55))
    assert (found.macro_f1_low, found.macro_f1_high) == (pytest.approx(0.525), pytest.approx(0.575))
    assert mean([one]) is one
    with pytest.raises(ValueError):
        mean([])


@given(st.lists(st.tuples(st.integers(0, 100), st.none() | st.floats(0, 1)), min_size=1, max_size=6))
def test_means_are_shares(sets: list[tuple[int, float | None]]) -> None:
    found = mean(
        [Score("s", "loso", "pt", n, macro_f1=value, macro_f1_low=value, macro_f1_high=value) for n, value in sets]
    )
    assert found.n == sum(n for n, _ in sets)
    assert all(value is None or 0 <= value <= 1 for value in (found.macro_f1, found.macro_f1_low, found.macro_f1_high))


def test_page_shows_every_score(corpus: Path) -> None:
    found = script("measure").measured([corpus], MANIFEST)
    page = script("generate").carded(found)
    assert "| es | hotels: source left out of training | 100 | .612 | .600 (.570–.630) | .800 | .700 | .040 |" in page
    assert "| own corpus | 9,000 | MIT |" in page
    assert "version 2" in page


def test_the_card_that_ships_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "docs/measure.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_card_that_ships_is_of_the_model_that_ships() -> None:
    found, model = card.shipped(), Path(artifact.__file__).with_name(artifact.FILE)
    if found is None:
        assert not (model.is_file() and list((ROOT / "voc/analysis/corpus").glob("*.jsonl")))
    else:
        assert found.weights == artifact.shipped().manifest["weights_sha256"]
