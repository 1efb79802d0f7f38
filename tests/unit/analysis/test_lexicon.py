"""Words whose letters were drawn out are put right before they are weighed."""

from __future__ import annotations

import pytest

from voc.analysis.linear.analyzer import shipped_analyzer
from voc.analysis.linear.lexicon import lexicon


@pytest.mark.parametrize(
    ("language", "word", "said"),
    [
        ("en", "goooood", "good"),
        ("en", "good", "good"),
        ("en", "baaaad", "bad"),
        ("en", "sooooo", "so"),
        ("es", "maloooo", "malo"),
        ("es", "buenisimoooo", "buenisimo"),
        ("pt", "ruimmmm", "ruim"),
        ("pt", "pessimooo", "pessimo"),
        ("es", "aaaa", "a"),
    ],
)
def test_drawn_out_letters(language: str, word: str, said: str) -> None:
    assert lexicon(language).squeezed(word) == said


def test_it_is_heard() -> None:
    judge = shipped_analyzer()
    assert judge.analyze("It is sooo goooood", "en").label == "positive"
    assert judge.analyze("Maloooo, muy maloooo", "es").label == "negative"
