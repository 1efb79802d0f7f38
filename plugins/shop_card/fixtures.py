"""What the conformance kit needs: a shop on loopback that knows one customer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from voc.testkit import Answer, Asked, HttpVendor, OfferFixtures

TOKEN = "token-of-the-shop"  # noqa: S105  (of a server that lives for a second)
CARD = {
    "text": "Cliente desde 2019",
    "rows": [
        {"label": "Pedido 991", "value": "en camino", "link": "https://shop.example/orders/991", "tone": "warning"},
        {"label": "Devoluciones", "value": 0},
    ],
}


class Shop(HttpVendor):
    """Knows whoever is among `known`; `asked` is what it was asked for."""

    sends = ("GET",)

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[str, str], Any] = {("external_id", "c-7"): CARD, ("email", "ana@example.com"): CARD}
        self.asked: list[dict[str, list[str]]] = []

    @property
    def options(self) -> Mapping[str, Any]:
        """Where it is."""
        return {"base_url": f"{self.url}/voc", "token": TOKEN}

    def answer(self, asked: Asked) -> Answer:
        """The card, or that nobody is called so."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"error": "the token is invalid"}, 401)
        self.asked.append(dict(asked.query))
        for name, values in asked.query.items():
            if (card := self.known.get((name, values[0]))) is not None:
                return Answer(card)
        return Answer({"error": "nobody"}, 404)


class ShopFixtures(OfferFixtures):
    """One shop."""

    settings = {"base_url": "https://shop.example/voc", "token": TOKEN, "refresh_minutes": 60}

    def vendor(self) -> AbstractContextManager[Shop]:
        """The shop, running."""
        return Shop.running()
