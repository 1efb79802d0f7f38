"""Topics are found in three languages and in company's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.analysis.taxonomy import Taxonomy, default_rows

STARTING = Taxonomy.default()
KEYS = {
    "delivery",
    "billing",
    "price",
    "product_quality",
    "staff",
    "waiting",
    "returns",
    "app_and_site",
    "stock",
    "store",
}
SAID = [
    ("El repartidor dejó el paquete en la calle", "es", "delivery"),
    ("Me cobraron dos veces la mensualidad", "es", "billing"),
    ("Está carísimo", "es", "price"),
    ("Se malogró a la semana", "es", "product_quality"),
    ("La cajera fue muy grosera", "es", "staff"),
    ("Demoraron dos horas", "es", "waiting"),
    ("Quiero mi reembolso", "es", "returns"),
    ("La app se cae", "es", "app_and_site"),
    ("Siempre agotado", "es", "stock"),
    ("La sucursal estaba sucia", "es", "store"),
    ("O frete atrasou e a encomenda sumiu", "pt", "delivery"),
    ("O boleto veio errado", "pt", "billing"),
    ("PREÇO alto", "pt", "price"),
    ("Veio com defeito", "pt", "product_quality"),
    ("A atendente foi um amor", "pt", "staff"),
    ("Que demora na fila", "pt", "waiting"),
    ("Não aceitaram a troca", "pt", "returns"),
    ("O aplicativo trava", "pt", "app_and_site"),
    ("Sem estoque de novo", "pt", "stock"),
    ("O estacionamento da loja", "pt", "store"),
    ("My parcel never arrived", "en", "delivery"),
    ("They charged me again", "en", "billing"),
    ("Way overpriced", "en", "price"),
    ("It fell apart", "en", "product_quality"),
    ("Rude staff", "en", "staff"),
    ("On hold for an hour", "en", "waiting"),
    ("Still no refund", "en", "returns"),
    ("Your website crashed", "en", "app_and_site"),
    ("Always sold out", "en", "stock"),
    ("The branch was closed", "en", "store"),
]


def test_the_starting_taxonomy_is_complete() -> None:
    taxonomy = Taxonomy.default()
    assert {topic.key for topic in taxonomy.topics} == KEYS
    for topic in taxonomy.topics:
        assert set(topic.names) == set(topic.words) == {"es", "pt", "en"}
        assert all(len(words) >= 10 for words in topic.words.values())


@pytest.mark.parametrize(("text", "language", "key"), SAID)
def test_what_is_said_is_found_with_and_without_the_language(text: str, language: str, key: str) -> None:
    taxonomy = Taxonomy.default()
    assert key in {hit.key for hit in taxonomy.find(text, language)}
    assert key in {hit.key for hit in taxonomy.find(text, None)}


@settings(deadline=None)
@given(st.sampled_from(SAID), st.text(alphabet="é\u0301\u200b 😡.ñ", max_size=20))
def test_spans_slice_to_words(said: tuple[str, str, str], before: str) -> None:
    text = f"{before} {said[0]}"
    for hit in STARTING.find(text, said[1]):
        assert 0 <= hit.start < hit.end <= len(text)
        assert text[hit.start].isalnum()
        assert hit.key in {again.key for again in STARTING.find(text[hit.start : hit.end], said[1])}


def test_rows_of_a_company() -> None:
    taxonomy = Taxonomy.from_rows([{"key": "pets", "names": {"es": "Mascotas"}, "words": {"es": ["perr*", "gato"]}}])
    text = "Mi perrito y el GATO"
    assert [text[hit.start : hit.end] for hit in taxonomy.find(text, "es")] == ["perrito", "GATO"]
    assert taxonomy.name("pets", "pt") == "Mascotas"
    assert taxonomy.name("other", "pt") == "other"


def test_a_key_stands_once() -> None:
    rows = [*default_rows(), default_rows()[0]]
    with pytest.raises(ValueError, match="twice"):
        Taxonomy.from_rows(rows)
