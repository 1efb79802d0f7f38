"""Language identification is right where it answers, and honest where it has no ground."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.language import identify

CLEAR = [
    ("Pedí el lunes y todavía no me llega nada, nadie contesta.", "es"),
    ("Muy buena la atención, los recomiendo.", "es"),
    ("me cobraron dos veces y no me responden", "es"),
    ("Comprei há um mês e até agora não recebi nada.", "pt"),
    ("atendimento pessimo, nao volto mais", "pt"),
    ("Adorei a loja, os funcionários são ótimos.", "pt"),
    ("I've been waiting for my refund since March.", "en"),
    ("The staff were lovely and it arrived on time.", "en"),
]
FOREIGN = [
    "Le service est très lent et personne ne répond au téléphone.",
    "Je n'ai jamais reçu ma commande, c'est inadmissible",
    "Il servizio è pessimo e il personale maleducato",
    "Non ho mai ricevuto il mio ordine, vergogna",
    "Der Service war sehr schlecht und niemand antwortet",
    "Ich habe mein Geld nicht zurück bekommen",
    "El servei és molt dolent i ningú contesta",
    "Kay wasiqa hatunmi, sumaqmi",
    "Manam chaskinichu apachikusqayta",
    "Ik heb mijn pakket niet ontvangen",
    "Очень плохо",
    "最悪です",
]
NOTHING = ["", "   ", "👍👍👍", "12345 678", "https://example.com/la/casa", "ana@example.com", "!!!???", "xxxxxxxxxx",
           "jkhsdf kjhsdf kjhsdf", "\u200b\u200b"]  # fmt: skip


@pytest.mark.parametrize(("text", "language"), CLEAR)
def test_clear_text(text: str, language: str) -> None:
    guess = identify(text)
    assert guess.language == language
    assert guess.probability > 0.8


@pytest.mark.parametrize("text", [*FOREIGN, *NOTHING])
def test_foreign_text_and_no_text_are_unknown(text: str) -> None:
    assert identify(text).language is None


@pytest.mark.parametrize(("text", "language"), CLEAR)
@pytest.mark.parametrize("hint", ["es", "pt", "en", "fr", "", None])
def test_a_hint_never_overrides_clear_text(text: str, language: str, hint: str | None) -> None:
    assert identify(text, hint).language == language


@pytest.mark.parametrize("hint", ["es", "pt"])
def test_a_hint_breaks_a_tie(hint: str) -> None:
    assert identify("casa").probability < 0.8
    assert identify("casa", hint).language == hint


@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize("hint", ["es", "pt", "en"])
def test_a_hint_makes_no_language_out_of_nothing(text: str, hint: str) -> None:
    assert identify(text, hint).language is None


@settings(deadline=None)
@given(st.text(), st.sampled_from(["es", "pt", "en", None, "xx"]))
def test_any_text_gets_an_answer(text: str, hint: str | None) -> None:
    guess = identify(text, hint)
    assert guess.language in {"es", "pt", "en", None}
    assert 0.0 <= guess.probability <= 1.0
