"""Danger is heard in three languages; what is denied or harmless is not."""

from __future__ import annotations

import pytest

from voc.analysis.risks import RiskLexicon

DANGER = [
    ("Los voy a demandar", "es", "legal"),
    ("Mi abogado los va a llamar", "es", "legal"),
    ("Voy a Indecopi", "es", "legal"),
    ("Pondré la queja en PROFECO", "es", "legal"),
    ("Voy al Sernac", "es", "legal"),
    ("Queja ante la SIC", "es", "legal"),
    ("Vou no Procon", "pt", "legal"),
    ("Reclamei no Reclame Aqui", "pt", "legal"),
    ("Vou processar vocês", "pt", "legal"),
    ("My lawyer will call", "en", "legal"),
    ("I will sue you", "en", "legal"),
    ("Se quemó el cargador", "es", "safety"),
    ("Mi hijo se electrocutó", "es", "safety"),
    ("Nos intoxicamos con la comida", "es", "safety"),
    ("Pegou fogo na tomada", "pt", "safety"),
    ("Passei mal depois de comer", "pt", "safety"),
    ("The toaster caught fire", "en", "safety"),
    ("My son was choking on it", "en", "safety"),
    ("I had an allergic reaction", "en", "safety"),
    ("Son unos estafadores", "es", "fraud"),
    ("Clonaron mi tarjeta", "es", "fraud"),
    ("Caí num golpe", "pt", "fraud"),
    ("Clonaram meu cartão", "pt", "fraud"),
    ("What a scam", "en", "fraud"),
    ("Nunca más compro acá", "es", "leaving"),
    ("no compro nunca mas", "es", "leaving"),
    ("Me cambio a la competencia", "es", "leaving"),
    ("Quero cancelar minha conta", "pt", "leaving"),
    ("Não volto mais", "pt", "leaving"),
    ("Never again", "en", "leaving"),
    ("I'm closing my account", "en", "leaving"),
]
CALM = [
    ("No es una estafa, todo bien", "es"),
    ("La garantía legal es de un año", "es"),
    ("Llegó sin demora", "es"),
    ("Hay mucha demanda de este producto", "es"),
    ("es así (sic)", "es"),
    ("No me voy", "es"),
    ("No me voy a cambiar", "es"),
    ("No me cambio a otra empresa", "es"),
    ("Nunca más tuve problemas", "es"),
    ("Isto não é golpe", "pt"),
    ("Pensei que ia ser golpe mas chegou", "pt"),
    ("O produto tem muita demanda", "pt"),
    ("It's not a scam", "en"),
    ("It isn't fraud", "en"),
    ("Sue was lovely", "en"),
    ("In high demand", "en"),
]


@pytest.mark.parametrize(("text", "language", "kind"), DANGER)
def test_danger_is_heard(text: str, language: str, kind: str) -> None:
    found = RiskLexicon.default().find(text, language)
    assert kind in {risk.kind for risk in found}
    for risk in found:
        assert text[risk.start : risk.end] == risk.word
    assert kind in {risk.kind for risk in RiskLexicon.default().find(text, None)}


@pytest.mark.parametrize(("text", "language"), CALM)
def test_no_false_alarm(text: str, language: str) -> None:
    assert RiskLexicon.default().find(text, language) == []


def test_a_denial_does_not_reach_over_punctuation() -> None:
    found = RiskLexicon.default().find("No pude entrar. Estafa total", "es")
    assert [risk.word for risk in found] == ["Estafa"]


def test_a_kind_must_be_known() -> None:
    with pytest.raises(ValueError, match="kind of risk"):
        RiskLexicon.from_rows([{"kind": "weather", "words": {}, "harmless": [], "denial_words": 1}])
