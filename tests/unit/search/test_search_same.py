"""What says nearly the same: near in meaning, in nearly the same words, and not the contrary."""

from __future__ import annotations

import pytest

from voc.search.meaning.same import nearly_same, said


@pytest.mark.parametrize(
    ("one", "other", "closeness", "same"),
    [
        ("La app se cierra sola", "LA APP SE CIERRA SOLA!!", 0.91, True),
        ("La app se cierra sola", "LA APP SE CIERRA SOLA!!", 0.89, False),
        ("Mi pedido 1234 no llegó", "mi pedido 77 no llego", 0.9, True),
        ("Llevo dos semanas esperando el pedido", "llevo 2 semanas esperando el pedido", 0.96, True),
        ("Llevo dos semanas esperando el pedido", "llevo 2 semanas esperando el pedido", 0.94, False),
        ("Mi pedido llegó a tiempo", "La entrega fue puntual", 0.985, True),
        ("Mi pedido llegó a tiempo", "Mi pedido no llegó a tiempo", 0.99, False),
        ("They don't answer the phone", "They answer the phone", 0.99, False),
        ("A entrega chegou no prazo", "A entrega nunca chegou no prazo", 0.99, False),
        ("Todo bien", "Todo bien", 1.0, False),
        ("", "", 1.0, False),
    ],
)
def test_nearly_the_same(one: str, other: str, closeness: float, same: bool) -> None:
    assert nearly_same(said(one), said(other), closeness) is same
    assert nearly_same(said(other), said(one), closeness) is same
