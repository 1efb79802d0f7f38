"""Vectors as they are kept, and how near they are."""

from __future__ import annotations

import numpy as np
import pytest

from voc.analysis.embedding.vectors import ENOUGH, closeness, nearness, packed, unpacked


def test_only_the_direction_is_kept() -> None:
    assert packed([1.0, -0.5, 0.0]) == packed([4.0, -2.0, 0.0])
    row = unpacked([packed([3.0, 4.0])])[0]
    assert row == pytest.approx([0.6, 0.8], abs=0.005)


def test_it_is_off_by_little() -> None:
    vectors = np.random.default_rng(5).normal(size=(40, 384))
    true = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = unpacked([packed(vector) for vector in vectors])
    assert rows.shape == (40, 384)
    assert closeness(vectors[0], rows) == pytest.approx(list(true @ true[0]), abs=0.002 * 3)


@pytest.mark.parametrize("vector", [[0.0, 0.0], [float("nan"), 1.0], [float("inf"), 1.0], []])
def test_what_points_nowhere_is_refused(vector: list[float]) -> None:
    with pytest.raises(ValueError, match="direction"):
        packed(vector)


def test_vectors_of_two_models_are_never_compared() -> None:
    with pytest.raises(ValueError, match="different models"):
        unpacked([packed([1.0, 2.0]), packed([1.0, 2.0, 3.0])])


def test_seen_from_the_middle_what_is_common_says_nothing() -> None:
    generator = np.random.default_rng(7)
    common = np.ones(64) * 4
    vectors = [common + generator.normal(size=64) for _ in range(ENOUGH)]
    rows = unpacked([packed(vector) for vector in vectors])
    question = vectors[3]
    plain, centred = closeness(question, rows), nearness(question, rows)
    assert min(plain) > 0.85
    assert max(range(ENOUGH), key=centred.__getitem__) == 3
    assert centred[3] == pytest.approx(1, abs=0.01)
    assert max(value for index, value in enumerate(centred) if index != 3) < 0.6
    few = rows[: ENOUGH - 1]
    assert nearness(question, few) == closeness(question, few)
