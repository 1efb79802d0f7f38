"""What a survey says, in the languages it can be offered in."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

TITLE: Words = {"es": "Una pregunta", "pt": "Uma pergunta", "en": "One question"}
WHY: Words = {
    "es": "¿Por qué ese número?",
    "pt": "Por que essa nota?",
    "en": "Why this number?",
}
WHY_HELP: Words = {
    "es": "Con sus palabras. Una persona lee cada respuesta.",
    "pt": "Com suas palavras. Uma pessoa lê cada resposta.",
    "en": "In your own words. A person reads every answer.",
}
NAME: Words = {"es": "Su nombre", "pt": "Seu nome", "en": "Your name"}
EMAIL: Words = {"es": "Su correo", "pt": "Seu e-mail", "en": "Your e-mail"}
EMAIL_HELP: Words = {
    "es": "Solo para responderle.",
    "pt": "Só para responder a você.",
    "en": "Only to answer you.",
}
SUBMIT: Words = {"es": "Enviar", "pt": "Enviar", "en": "Send"}
THANKS: Words = {
    "es": "Gracias. Su respuesta está guardada.",
    "pt": "Obrigado. Sua resposta está salva.",
    "en": "Thank you. Your answer is safe.",
}

QUESTIONS: Mapping[str, Words] = {
    "nps": {
        "es": "¿Con qué probabilidad nos recomendaría a un amigo o colega?",
        "pt": "Qual a chance de você nos recomendar a um amigo ou colega?",
        "en": "How likely are you to recommend us to a friend or colleague?",
    },
    "csat": {
        "es": "¿Qué tan satisfactorio fue lo que recibió?",
        "pt": "Quão satisfatório foi o que você recebeu?",
        "en": "How satisfied are you with what you received?",
    },
    "ces": {
        "es": "¿Qué tan fácil fue resolver lo que necesitaba?",
        "pt": "Foi fácil resolver o que você precisava?",
        "en": "How easy was it to get what you needed?",
    },
}
# Words at the low and at the high end of each scale.
ENDS: Mapping[str, tuple[Words, Words]] = {
    "nps": (
        {"es": "de ninguna manera", "pt": "de jeito nenhum", "en": "not at all"},
        {"es": "con toda seguridad", "pt": "com certeza", "en": "certainly"},
    ),
    "csat": (
        {"es": "nada satisfactorio", "pt": "nada satisfatório", "en": "not at all"},
        {"es": "muy satisfactorio", "pt": "muito satisfatório", "en": "very satisfied"},
    ),
    "ces": (
        {"es": "muy difícil", "pt": "muito difícil", "en": "very hard"},
        {"es": "muy fácil", "pt": "muito fácil", "en": "very easy"},
    ),
}
# Lowest and highest answer. The effort score is the one in which high means easy.
RANGES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
