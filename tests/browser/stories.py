"""Three customers who complain, each in another language, and what the pages say to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One complaint and its answer. `topic` is one that the text speaks of, `other` one that it does not."""

    language: str
    accept: str
    tag: str
    score: int
    name: str
    email: str
    words: str
    answer: str
    title: str
    send: str
    thanks: str
    received: str
    resolved: str
    inbox: str
    topic: str
    other: str
    subject: str


STORIES = (
    Story(
        language="es",
        accept="es-PE,es;q=0.9",
        tag="es",
        score=0,
        name="Rosa Elena Quispe",
        email="rosa.elena@correo.example",
        words="El pedido llegó nueve días tarde y roto. Pésima atención: nadie responde.",
        answer="Lo sentimos mucho. Hoy sale otro pedido, sin costo.\n\nCamila",
        title="Cuéntenos cómo le fue",
        send="Enviar",
        thanks="Gracias. Su mensaje está guardado",
        received="Recibimos su mensaje",
        resolved="Su mensaje quedó resuelto",
        inbox="Bandeja",
        topic="Calidad del producto",
        other="Tienda",
        subject="Respuesta a su mensaje: El pedido llegó nueve días tarde",
    ),
    Story(
        language="pt",
        accept="pt-BR,pt;q=0.9",
        tag="pt-BR",
        score=2,
        name="João Conceição",
        email="joao.conceicao@correio.example",
        words="A entrega atrasou nove dias e o produto chegou quebrado. Péssimo atendimento.",
        answer="Sentimos muito. Hoje sai outro pedido, sem custo.\n\nCamila",
        title="Conte como foi",
        send="Enviar",
        thanks="Obrigado. Sua mensagem está salva",
        received="Recebemos sua mensagem",
        resolved="Sua mensagem foi resolvida",
        inbox="Caixa de entrada",
        topic="Qualidade do produto",
        other="Loja",
        subject="Resposta à sua mensagem: A entrega atrasou nove dias",
    ),
    Story(
        language="en",
        accept="en-GB,en;q=0.9",
        tag="en",
        score=3,
        name="Ann O'Neill",
        email="ann.oneill@mail.example",
        words="The delivery was nine days late and the product arrived broken. Terrible service.",
        answer="We are very sorry. Another one leaves today, free of charge.\n\nCamila",
        title="Tell us how it went",
        send="Send",
        thanks="Thank you. Your message is safe",
        received="We received your message",
        resolved="Your message is resolved",
        inbox="Inbox",
        topic="Product quality",
        other="Store",
        subject="Answer to your message: The delivery was nine days late",
    ),
)
