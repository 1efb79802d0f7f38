"""The words that the files leave out: what was done to put something right, written as a note. Pure."""

from __future__ import annotations

from voc.runtime.demo.data import Recovery

_KINDS = {
    "replacement": ("Cambio", "Troca"),
    "credit": ("Abono", "Crédito"),
    "repair": ("Reparación", "Conserto"),
    "apology_call": ("Disculpa en persona", "Pedido de desculpas em pessoa"),
    "refund": ("Reembolso", "Reembolso"),
    "redelivery": ("Nueva entrega", "Nova entrega"),
    "price_match": ("Precio respetado", "Preço mantido"),
    "loan": ("Préstamo", "Empréstimo"),
    "gift": ("Atención", "Cortesia"),
}
_HEAD = ("Recuperación", "Recuperação")
_POINTS = ("puntos", "pontos")


def recovery_note(recovery: Recovery, language: str) -> str:
    """What was done and what it cost, as a colleague writes it down; in Portuguese or else in the house's Spanish."""
    column = 1 if language == "pt" else 0
    kind = _KINDS[recovery.kind][column]
    return f"{_HEAD[column]}: {kind}{_cost(recovery, column)}. {recovery.text}"


def _cost(recovery: Recovery, column: int) -> str:
    if not recovery.amount:
        return ""
    whole = f"{recovery.amount:,.0f}".replace(",", "\u202f")
    currency = _POINTS[column] if recovery.currency == "points" else recovery.currency
    return f", {whole}\u00a0{currency}"
