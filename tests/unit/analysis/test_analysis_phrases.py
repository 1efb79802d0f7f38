"""The table of words and phrases: what a pattern accepts, and that nothing makes it slow."""

from __future__ import annotations

import pytest

from tests.growth import grows_linearly
from voc.analysis.folding import fold
from voc.analysis.phrases import PhraseTable

CLASSES = {"day": ("hoy", "Mañana")}
HITS = [
    ("demor*", "demoró mucho", "demoró"),
    ("la _ rota", "vino la caja rota", "la caja rota"),
    ("boda ~3 {day}", "la boda de mi hija es mañana", None),
    ("boda ~4 {day}", "la boda de mi hija es mañana", "boda de mi hija es mañana"),
    ("boda ~4 {day}", "la boda hoy", "boda hoy"),
    ("boda ~4 {day}", "la boda, hoy", None),
    ("{day} no", "HOY NO!", "HOY NO"),
    ("{day}", "pasado manana", "manana"),
    ("consumidor gov", "no consumidor.gov.br", "consumidor.gov"),
    ("consumidor gov", "o consumidor. Gov", None),
    ("SIC", "la SIC", "SIC"),
    ("SIC", "la (sic)", None),
    ("ob*", "sin obra", "obra"),
]


@pytest.mark.parametrize(("pattern", "text", "found"), HITS)
def test_what_a_pattern_accepts(pattern: str, text: str, found: str | None) -> None:
    hits = PhraseTable([("key", pattern)], classes=CLASSES).find(fold(text))
    assert [text[hit.start : hit.end] for hit in hits] == ([] if found is None else [found])


@pytest.mark.parametrize("pattern", ["", "_ a", "*", "~3 a", "a ~3", "a ~0 b", "a ~10 b", "a ~x b", "{no} a", "a {no}"])
def test_a_pattern_that_is_none(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"phrase|gap|class"):
        PhraseTable([("key", pattern)], classes=CLASSES)


def test_only_so_many_of_each_key() -> None:
    table = PhraseTable([("a", "uno"), ("b", "dos")])
    hits = table.find(fold("uno uno uno uno dos"), each=2)
    assert [hit.key for hit in hits] == ["a", "a", "b"]
    assert len(table.find(fold("uno " * 500))) == 200


def test_twice_the_text_takes_twice_the_time() -> None:
    """Gaps do not multiply: what would take a backtracking search for ever ends at once."""
    table = PhraseTable([("key", "a ~9 a ~9 b"), ("other", "{x} ~9 {x} ~9 c")], classes={"x": ("a",)})
    assert table.find(fold("a " * 4_000)) == []
    assert grows_linearly(lambda size: table.find(fold("a " * size)), 500)
