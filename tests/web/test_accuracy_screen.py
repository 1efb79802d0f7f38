"""The status page shows how well texts are understood, from the card that came with the model."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask import render_template

from voc.analysis.card import Card, Score, Trained, shipped
from voc.web.triage import accuracy

CARD = Card(
    name="linear",
    version="2",
    weights="ab",
    corpus="cd",
    trained_on=(Trained("own <corpus>", 9000, "MIT"), Trained("reviews", 1, "CC BY 4.0")),
    scores=(
        Score("own corpus", "test", "es", 1200, 0.7, 0.66, 0.64, 0.68, 0.8, 0.71, 0.04),
        Score("hotels", "loso", "es", 100, 0.61, 0.6, 0.57, 0.63, 0.8, 0.7, 0.05),
        Score("apps", "loso", "es", 100, 0.5, 0.5, 0.46, 0.54, None, None, None),
        Score("tweets", "report", "pt", 40),
    ),
)
WORDS = {
    "es": ("¿Qué tan bien se entiende?", "Español", "0,66 0,64–0,68", "9.000 textos, MIT", "media de 2"),
    "pt": ("Quão bem se entende?", "Espanhol", "0,66 0,64–0,68", "9.000 textos, MIT", "média de 2"),
    "en": ("How well is it understood?", "Spanish", "0.66 0.64–0.68", "9,000 texts, MIT", "mean of 2"),
}


def shown(desk: Any, card: Card | None, language: str) -> str:
    """The part of the page about a card, as a person reads it."""
    with desk.app.test_request_context(f"/status?lang={language}"):
        page = render_template("triage/_accuracy.html", card=card, accuracy=accuracy)
    return unescape(page.replace('<span class="quiet small">', "").replace("</span>", ""))


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_figures_with_their_intervals(desk: Any, language: str) -> None:
    page = shown(desk, CARD, language)
    heading, _, figure, texts, mean = WORDS[language]
    for word in (heading, figure, texts, mean, "linear", "own <corpus>", "hotels", "tweets"):
        assert word in page
    assert page.lower().count(WORDS[language][1].lower()) == 2 + 3, "two summaries and three sources"
    assert "None" not in page


def test_what_was_not_measured_is_a_dash(desk: Any) -> None:
    assert accuracy.share(None) == "–"
    assert "Nobody has measured it yet." in shown(desk, None, "en")


def test_names_from_the_card_are_text(desk: Any) -> None:
    with desk.app.test_request_context("/status"):
        assert "own <corpus>" not in render_template("triage/_accuracy.html", card=CARD, accuracy=accuracy)


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_status_page_has_the_card_that_ships(desk: Any, language: str) -> None:
    desk.hire("Rosa", language=language)
    page = unescape(desk.browser("Rosa").visit("/status").text)
    assert WORDS[language][0] in page
    card = shipped()
    assert card is None or card.version in page
