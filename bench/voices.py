"""What the load says: believable feedback of a retailer in three languages, some happy, some not."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import uuid4

from bench import load
from bench.floor import PATH

_OPENINGS = {
    "es": (
        "Compré una licuadora en la tienda de Miraflores.",
        "Hice un pedido por la página el lunes.",
        "Buenas tardes.",
    ),
    "pt": ("Comprei um liquidificador na loja do centro.", "Fiz um pedido pelo site na segunda-feira.", "Boa tarde."),
    "en": (
        "I bought a blender in your downtown store.",
        "I placed an order on your website on Monday.",
        "Good afternoon.",
    ),
}
_MIDDLES = {
    "es": (
        "El envío llegó con tres días de retraso y nadie contesta el teléfono.",
        "La atención en caja fue amable y rápida, muy contenta.",
        "Me cobraron dos veces y el reembolso todavía no aparece en mi cuenta.",
        "El producto está bien, aunque el precio subió bastante desde el mes pasado.",
    ),
    "pt": (
        "A entrega chegou com três dias de atraso e ninguém atende o telefone.",
        "O atendimento no caixa foi gentil e rápido, fiquei muito contente.",
        "Cobraram duas vezes e o reembolso ainda não apareceu na minha conta.",
        "O produto é bom, mas o preço subiu bastante desde o mês passado.",
    ),
    "en": (
        "The delivery arrived three days late and nobody answers the phone.",
        "The staff at the checkout were kind and quick, a wonderful experience.",
        "I was charged twice and the refund still does not show in my account.",
        "The product is fine, although the price has gone up a lot since last month.",
    ),
}
_ENDINGS = {
    "es": ("Espero una respuesta.", "Gracias de todos modos.", "Voy a reclamar a Indecopi si sigue así."),
    "pt": ("Aguardo uma resposta.", "Obrigada mesmo assim.", "Vou ao Procon se continuar assim."),
    "en": ("I expect an answer.", "Thanks all the same.", "I will call my lawyer if this goes on."),
}
# Scores as a retailer gets them: about a third detractors.
_SCORES = (0, 2, 3, 5, 6, 6, 7, 8, 8, 9, 9, 9, 10, 10, 10, 10)


def text(chance: random.Random, language: str) -> str:
    """Three sentences, 80 to 160 characters."""
    return " ".join(chance.choice(part[language]) for part in (_OPENINGS, _MIDDLES, _ENDINGS))


def feedback(chance: random.Random, *, score: int | None = None) -> dict[str, Any]:
    """One feedback as a body of the API: text and NPS score, two in three with somebody to answer to."""
    language = chance.choice(("es", "es", "pt", "en"))
    number = chance.randrange(1_000_000)
    body: dict[str, Any] = {
        "text": text(chance, language),
        "metric": "nps",
        "score": chance.choice(_SCORES) if score is None else score,
        "language": language,
    }
    if number % 3:
        body["customer"] = {"name": "Rosa Quispe", "email": f"rosa{number}@example.com"}
        if number % 3 == 1:
            body["customer"]["external_id"] = f"C-{number}"
    return body


def requests(chance: random.Random, count: int, token: str, *, keyed: bool, score: int | None = None) -> list[bytes]:
    """`count` requests, each of its own; `keyed` gives each an Idempotency-Key that was never used."""
    headers = {"Authorization": f"Bearer {token}"}
    built = []
    for _ in range(count):
        if keyed:
            headers["Idempotency-Key"] = uuid4().hex
        built.append(load.post(PATH, json.dumps(feedback(chance, score=score)).encode(), headers))
    return built
