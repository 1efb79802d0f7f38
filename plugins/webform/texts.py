"""What the web form says, in the languages it can be offered in."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

TITLE: Words = {
    "es": "Cuéntenos cómo le fue",
    "pt": "Conte como foi",
    "en": "Tell us how it went",
}
INTRO: Words = {
    "es": "Una persona lee cada mensaje. Si algo salió mal, le respondemos.",
    "pt": "Uma pessoa lê cada mensagem. Se algo deu errado, respondemos.",
    "en": "A person reads every message. If something went wrong, we answer.",
}
TEXT: Words = {
    "es": "Cuéntelo con sus palabras",
    "pt": "Conte com suas palavras",
    "en": "In your own words",
}
TEXT_HELP: Words = {
    "es": "¿Qué pasó y qué esperaba usted?",
    "pt": "O que aconteceu e o que você esperava?",
    "en": "What happened, and what did you expect?",
}
NAME: Words = {"es": "Su nombre", "pt": "Seu nome", "en": "Your name"}
EMAIL: Words = {"es": "Su correo", "pt": "Seu e-mail", "en": "Your e-mail"}
EMAIL_HELP: Words = {
    "es": "Solo para responderle. Sin él, la respuesta se ve con el código que damos al final.",
    "pt": "Só para responder a você. Sem ele, a resposta aparece com o código que damos no final.",
    "en": "Only to answer you. Without it, the answer can be seen with the code given at the end.",
}
PHONE: Words = {"es": "Su teléfono", "pt": "Seu telefone", "en": "Your phone"}
CONSENT: Words = {
    "es": "Pueden contactarme por este mensaje",
    "pt": "Podem entrar em contato comigo sobre esta mensagem",
    "en": "You may contact me about this message",
}
SUBMIT: Words = {"es": "Enviar", "pt": "Enviar", "en": "Send"}
THANKS: Words = {
    "es": "Gracias. Su mensaje está guardado y una persona lo va a leer.",
    "pt": "Obrigado. Sua mensagem está salva e uma pessoa vai ler.",
    "en": "Thank you. Your message is safe and a person will read it.",
}

QUESTIONS: Mapping[str, Words] = {
    "nps": {
        "es": "De 0 a 10, ¿cuánto nos recomendaría a alguien de su familia?",
        "pt": "De 0 a 10, quanto você nos recomendaria a alguém da sua família?",
        "en": "From 0 to 10, how likely are you to recommend us to your family?",
    },
    "csat": {
        "es": "De 1 a 5, ¿qué tan satisfactoria fue su experiencia?",
        "pt": "De 1 a 5, quão satisfatória foi a sua experiência?",
        "en": "From 1 to 5, how satisfied are you?",
    },
    "ces": {
        "es": "De 1 a 7, ¿qué tan fácil le resultó resolver lo que necesitaba?",
        "pt": "De 1 a 7, quão fácil foi resolver o que você precisava?",
        "en": "From 1 to 7, how easy was it to get done what you needed?",
    },
    "stars": {
        "es": "¿Cuántas estrellas nos da?",
        "pt": "Quantas estrelas você nos dá?",
        "en": "How many stars do you give us?",
    },
}
# Words at the low and at the high end of each scale.
ENDS: Mapping[str, tuple[Words, Words]] = {
    "nps": (
        {"es": "para nada", "pt": "de jeito nenhum", "en": "not at all"},
        {"es": "con toda seguridad", "pt": "com certeza", "en": "certainly"},
    ),
    "csat": (
        {"es": "nada satisfactoria", "pt": "nada satisfatória", "en": "not at all"},
        {"es": "muy satisfactoria", "pt": "muito satisfatória", "en": "completely"},
    ),
    "ces": (
        {"es": "muy difícil", "pt": "muito difícil", "en": "very hard"},
        {"es": "muy fácil", "pt": "muito fácil", "en": "very easy"},
    ),
    "stars": (
        {"es": "muy mal", "pt": "muito ruim", "en": "very bad"},
        {"es": "excelente", "pt": "excelente", "en": "excellent"},
    ),
}
# Lowest and highest answer.
RANGES: Mapping[str, tuple[int, int]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5)}
