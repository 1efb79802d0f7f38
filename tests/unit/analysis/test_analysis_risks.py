"""Danger, threats and haste are heard in three languages and many countries; what is denied or harmless is not."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from voc.analysis.folding import fold, tokens
from voc.analysis.result import RISK_KINDS
from voc.analysis.risks import KEPT, RiskLexicon, default_classes, default_rows, reads_calm, risks_with
from voc.analysis.urgency import default_cues

DANGER = [
    ("Los voy a demandar", "es", "legal"),
    ("Mi abogado los va a llamar", "es", "legal"),
    ("Vou processar vocês", "pt", "legal"),
    ("My lawyer will call", "en", "legal"),
    ("I will sue you", "en", "legal"),
    ("Ya radiqué tutela", "es", "legal"),
    ("Recibirán carta documento", "es", "legal"),
    ("Les mando un burofax", "es", "legal"),
    ("Minha advogada entra com ação judicial", "pt", "legal"),
    ("Solicitor's letter follows", "en", "legal"),
    ("Voy a Indecopi", "es", "authority"),
    ("Pondré la queja en PROFECO", "es", "authority"),
    ("Voy al Sernac", "es", "authority"),
    ("Queja ante la SIC", "es", "authority"),
    ("Ya escribí a la Superintendencia", "es", "authority"),
    ("Lo llevo a Defensa del Consumidor", "es", "authority"),
    ("Lo denuncio a la OCU", "es", "authority"),
    ("Quiero la hoja de reclamaciones", "es", "authority"),
    ("Vou no Procon", "pt", "authority"),
    ("Reclamei no Reclame Aqui", "pt", "authority"),
    ("Abri no consumidor.gov", "pt", "authority"),
    ("Abri reclamação na ANATEL", "pt", "authority"),
    ("Vou escrever no livro de reclamações", "pt", "authority"),
    ("A ASAE já sabe", "pt", "authority"),
    ("Next stop is the ombudsman", "en", "authority"),
    ("Trading Standards will hear of it", "en", "authority"),
    ("Complaint to TRAI is filed", "en", "authority"),
    ("Se quemó el cargador", "es", "safety"),
    ("Mi hijo se electrocutó", "es", "safety"),
    ("Huele a gas en el pasillo", "es", "safety"),
    ("Pegou fogo na tomada", "pt", "safety"),
    ("Levei um choque no chuveiro", "pt", "safety"),
    ("The toaster caught fire", "en", "safety"),
    ("My son was choking on it", "en", "safety"),
    ("Nos intoxicamos con la comida", "es", "health"),
    ("Terminé hospitalizada dos noches", "es", "health"),
    ("Passei mal depois de comer", "pt", "health"),
    ("I had an allergic reaction", "en", "health"),
    ("The whole family had food poisoning", "en", "health"),
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
    ("Es la tercera vez que escribo", "es", "repeat"),
    ("He llamado cuatro veces", "es", "repeat"),
    ("Ya van 4 correos", "es", "repeat"),
    ("Liguei ontem e hoje, pela terceira vez", "pt", "repeat"),
    ("I have written four times", "en", "repeat"),
    ("Mi madre de 84 años espera", "es", "vulnerable"),
    ("Estoy embarazada", "es", "vulnerable"),
    ("Meu filho autista", "pt", "vulnerable"),
    ("Moro sozinha e sou cega", "pt", "vulnerable"),
    ("I'm seven months pregnant", "en", "vulnerable"),
    ("My nan uses a wheelchair", "en", "vulnerable"),
    ("Ya le escribí a un periodista", "es", "public"),
    ("Hago hilo con capturas", "es", "public"),
    ("Vou na imprensa", "pt", "public"),
    ("I told my 12k followers", "en", "public"),
    ("La boda es mañana", "es", "deadline"),
    ("O casamento é amanhã", "pt", "deadline"),
    ("My wedding is on Saturday", "en", "deadline"),
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
    ("No voy a demandar", "es"),
    ("Nunca más tuve problemas", "es"),
    ("¿Tienen seguro contra robo?", "es"),
    ("¿El seguro contra incendio cubre la cocina?", "es"),
    ("Me sacaron la muela del juicio", "es"),
    ("Isto não é golpe", "pt"),
    ("Pensei que ia ser golpe mas chegou", "pt"),
    ("O produto tem muita demanda", "pt"),
    ("Tem seguro contra roubo?", "pt"),
    ("Vejo o BBB toda noite", "pt"),
    ("It's not a scam", "en"),
    ("It isn't fraud", "en"),
    ("Sue was lovely", "en"),
    ("In high demand", "en"),
    ("Is the tennis court open?", "en"),
    ("Does the Fire TV work?", "en"),
]
URGENT = [
    ("Es urgente, por favor", "es", "high"),
    ("Necesito una respuesta hoy mismo", "es", "high"),
    ("Preciso disso ainda hoje", "pt", "high"),
    ("Need it today, asap", "en", "high"),
    ("No es urgente", "es", "low"),
    ("Sin prisa, cuando puedan", "es", "low"),
    ("Não é urgente", "pt", "low"),
    ("Sem pressa: qual é o horário?", "pt", "low"),
    ("No rush at all", "en", "low"),
    ("¿A qué hora abren?", "es", "normal"),
    ("Llegó tarde y frío", "es", "normal"),
    ("Mi mamá de 84 años sigue sin luz desde ayer, que venga alguien hoy por favor", "es", "high"),
]


@pytest.mark.parametrize(("text", "language", "kind"), DANGER)
def test_danger_is_heard(text: str, language: str, kind: str) -> None:
    found = risks_with().find(text, language)
    assert kind in {risk.kind for risk in found}
    for risk in found:
        assert text[risk.start : risk.end] == risk.word
    assert kind in {risk.kind for risk in risks_with().find(text, None)}


@pytest.mark.parametrize(("text", "language"), CALM)
def test_no_false_alarm(text: str, language: str) -> None:
    assert risks_with().find(text, language) == []


@pytest.mark.parametrize(("text", "language", "grade"), URGENT)
def test_urgency_is_graded(text: str, language: str, grade: str) -> None:
    alarm = risks_with().read(text, language)
    assert alarm.urgency == grade
    assert bool(alarm.marks) == (grade != "normal")
    assert {mark.key for mark in alarm.marks} <= {grade}


def test_a_denial_does_not_reach_over_punctuation() -> None:
    found = risks_with().find("No pude entrar. Estafa total", "es")
    assert [risk.word for risk in found] == ["Estafa"]


def test_a_calm_text_keeps_the_grave_and_leaves_out_the_rest() -> None:
    text = "Mi hijo es autista y tiene alergia al maní; hoy huele a gas, ya llamé a Indecopi"
    folded = fold(text)
    loud = risks_with().read_folded(folded, "es", tokens(folded))
    calm = risks_with().read_folded(folded, "es", tokens(folded), calm=True)
    assert {"vulnerable", "safety", "authority"} <= {risk.kind for risk in loud.risks}
    assert {risk.kind for risk in calm.risks} == {"safety", "authority"}
    assert reads_calm("neutral", 0.9)
    assert not any((reads_calm("negative", 0.9), reads_calm("neutral", 0.6), reads_calm("unknown", None)))


def test_one_kind_cannot_hide_another() -> None:
    text = "estafa " * 3000 + "y mi abogado lo sabe"
    found = risks_with().find(text, "es")
    assert [risk.kind for risk in found] == ["fraud"] * KEPT + ["legal"]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Me voy con Tiendas Ágora", True),
        ("En tiendas agora es más barato", True),
        ("Son mejores que Tiendas Ágora", False),
        ("Mejor que Tiendas Ágora", False),
        ("En la tienda Ágora de Atenas", False),
        ("Con OI é mais barato", True),
        ("oi, tudo bem?", False),
        ("Prefiro a C&A", True),
    ],
)
def test_a_competitor_that_is_named(text: str, heard: bool) -> None:
    lexicon = risks_with(("Tiendas Ágora", "OI", "C&A", " ", "!"))
    assert ("leaving" in {risk.kind for risk in lexicon.find(text, None)}) == heard
    assert lexicon.rivals == ("tiendas agora", "OI", "C A")


def test_every_word_can_be_found() -> None:
    """What stands in the lists but can never match is a mistake: two words where one stands, a sign, no letter."""
    lists = [words for row in default_rows() for words in (*row["words"].values(), row["harmless"])]
    lists += [words for by_language in default_cues().words.values() for words in by_language.values()]
    plain = [word for words in lists for word in words if not any(mark in word for mark in "{_~")]
    assert [word for word in plain if not _whole(word)] == []
    assert [word for words in default_classes().values() for word in words if len(tokens(fold(word))) != 1] == []


def _whole(pattern: str) -> bool:
    """Whether each part of a pattern is one word to the table."""
    return all(len(tokens(fold(part.rstrip("*")))) == 1 for part in pattern.split())


def test_every_kind_and_language_has_words() -> None:
    rows = {row["kind"]: row["words"] for row in default_rows()}
    assert set(rows) == set(RISK_KINDS)
    assert all(set(words) - {"any"} == {"es", "pt", "en"} for words in rows.values())
    points = tomllib.loads((files("voc.analysis") / "urgency.toml").read_text(encoding="utf-8"))["points"]
    assert set(points) <= {*RISK_KINDS, *default_cues().words}


def test_a_kind_must_be_known() -> None:
    with pytest.raises(ValueError, match="kind of risk"):
        RiskLexicon.from_rows([{"kind": "weather", "words": {}, "harmless": [], "denial_words": 1}])
