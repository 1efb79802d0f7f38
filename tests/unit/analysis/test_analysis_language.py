"""Language identification is right where it answers, and honest where it has no ground."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.language import identify
from voc.analysis.linear.artifact import shipped
from voc.analysis.linear.letters import text_places, written_words

CORPUS = Path(__file__).parents[3] / "voc" / "analysis" / "corpus"

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


def pieces(language: str, low: int, high: int) -> list[str]:
    """Two runs of so many words from every text of the test part that has more of them."""
    draw, found = random.Random(1), []
    for line in (CORPUS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        words = row["text"].split() if row["split"] == "test" else []
        for _ in range(2):
            size = draw.randint(low, high)
            if len(words) > size:
                first = draw.randrange(len(words) - size + 1)
                found.append(" ".join(words[first : first + size]))
    return [piece for piece in found if written_words(piece)]


@pytest.mark.parametrize(("low", "high", "least"), [(1, 3, 0.91), (4, 8, 0.99)])
def test_short_pieces_of_texts_that_were_never_seen(low: int, high: int, least: float) -> None:
    """One to three words are often of two languages ("de", "problema", "a casa"); *unknown* counts as wrong."""
    shares = []
    for language in ("es", "pt", "en"):
        found = pieces(language, low, high)
        shares.append(sum(identify(piece).language == language for piece in found) / max(1, len(found)))
    assert sum(shares) / 3 >= least, shares


def test_other_languages_are_unknown_from_eight_words_on() -> None:
    rows = map(json.loads, (CORPUS / "other.jsonl").read_text(encoding="utf-8").splitlines())
    # Galician and Catalan are so near that they are counted apart.
    texts = [row["text"] for row in rows if row["split"] == "test" and row["lang"] not in ("gl", "ca", "und")]
    long = [text for text in texts if len(text.split()) >= 8]
    assert len(long) > 150
    assert sum(identify(text).language is None for text in long) >= 0.95 * len(long)


@pytest.mark.parametrize("text", ["de", "no me gusta", "Muito bom!", "it’s a 3rd one", " ".join(["palabra"] * 40)])
def test_the_ear_hears_what_training_saw(text: str) -> None:
    """The one adds up packed rows, the other lists places with what each counts."""
    table = shipped().tables["language"]
    places = text_places(written_words(text))
    share = table.scale * len(places) ** -0.5
    sums = [sum(column[place] * times for place, times in places) for column in table.columns]
    wanted = [total * share + bias for total, bias in zip(sums, table.bias, strict=True)]
    chances = [math.exp(score - max(wanted)) for score in wanted]
    assert identify(text).probability == round(max(chances[:3]) / sum(chances), 3)
