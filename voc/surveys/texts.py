"""The words of our mails to customers, in Spanish, Portuguese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says in one language. `{…}` is filled in."""

    subject: str
    reminder: str
    hello: str
    hello_nobody: str
    ask: str
    remind: str
    about: str
    how: str
    until: str
    page: str
    unsubscribe: str


WORDS: Mapping[str, Words] = {
    "es": Words(
        subject="Una pregunta de {company}",
        reminder="Todavía nos interesa su respuesta: {company}",
        hello="Hola, {name}:",
        hello_nobody="Hola:",
        ask="Queremos hacerle una sola pregunta. Se responde con un toque.",
        remind="Hace unos días le hicimos una pregunta. Si aún quiere responderla, basta un toque.",
        about="Sobre: {about}",
        how="Toque un número. La página que se abre lo muestra, y usted lo confirma allí.",
        until="Puede responder hasta el {day}. El enlace es personal: por favor, no lo comparta.",
        page="Abrir la pregunta",
        unsubscribe="Si no quiere recibir más encuestas de {company}:",
    ),
    "pt": Words(
        subject="Uma pergunta da {company}",
        reminder="Sua resposta ainda nos interessa: {company}",
        hello="Olá, {name},",
        hello_nobody="Olá,",
        ask="Queremos fazer uma única pergunta. A resposta leva um toque.",
        remind="Há alguns dias fizemos uma pergunta a você. Se ainda quiser responder, basta um toque.",
        about="Sobre: {about}",
        how="Toque em um número. A página que abre mostra o número, e você confirma lá.",
        until="Você pode responder até {day}. O link é pessoal: por favor, não compartilhe.",
        page="Abrir a pergunta",
        unsubscribe="Se não quiser mais receber pesquisas da {company}:",
    ),
    "en": Words(
        subject="One question from {company}",
        reminder="We would still like your answer: {company}",
        hello="Hello {name},",
        hello_nobody="Hello,",
        ask="We would like to ask you one single question. One tap answers it.",
        remind="A few days ago we asked you a question. If you still want to answer it, one tap is enough.",
        about="About: {about}",
        how="Tap a number. The page that opens shows it, and you confirm it there.",
        until="You can answer until {day}. The link is personal: please do not share it.",
        page="Open the question",
        unsubscribe="If you do not want any more surveys from {company}:",
    ),
}
UNSUBSCRIBE_LINK: Mapping[str, str] = {
    "es": "No recibir más encuestas",
    "pt": "Não receber mais pesquisas",
    "en": "No more surveys",
}
