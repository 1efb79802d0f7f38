"""How urgent a text is: danger named, or words that cannot wait."""

from __future__ import annotations

from collections.abc import Sequence

from voc.analysis.folding import Folded, Token
from voc.analysis.phrases import Match, PhraseTable
from voc.analysis.result import Risk, Urgency

_GRAVE = frozenset(("legal", "safety", "fraud"))
_WORDS: dict[str, tuple[str, ...]] = {
    "es": (
        "urge", "urgen", "urgente*", "urgencia", "lo antes posible", "cuanto antes", "de inmediato", "inmediatamente",
        "es una emergencia", "hoy mismo", "lo necesito ya", "lo necesito hoy",
        "sin luz", "sin agua", "sin medicamento*",
        "no puede esperar",
    ),
    "pt": (
        "urgente*", "urgencia", "o quanto antes", "o mais rapido possivel", "imediatamente", "de imediato",
        "é uma emergencia", "ainda hoje", "preciso hoje", "preciso pra hoje", "preciso para hoje", "sem luz",
        "sem agua",
        "sem remedio", "nao pode esperar", "não dá pra esperar",
    ),
    "en": (
        "urgent", "urgently", "urgency", "asap", "as soon as possible", "immediately", "right away", "emergency",
        "can't wait any longer", "need it today", "no power", "no heating", "without medication",
    ),
}  # fmt: skip
_CALM: tuple[str, ...] = ("no es urgente", "no urge", "nao é urgente", "not urgent", "no urgency", "sin urgencia")

_TABLE = PhraseTable(("urgent", word) for words in _WORDS.values() for word in words)
_CALM_TABLE = PhraseTable(("calm", word) for word in _CALM)


def urgent_words(folded: Folded, words: Sequence[Token]) -> list[Match]:
    """Words of urgency in any of the three languages; a text that says it is not urgent has none there."""
    calm = _CALM_TABLE.find(folded, words)
    found = _TABLE.find(folded, words)
    return [hit for hit in found if not any(no.first <= hit.first < no.after for no in calm)]


def urgency(risks: Sequence[Risk], urgent: Sequence[Match]) -> Urgency:
    """``high`` with a legal, safety or fraud risk or an urgent word, else ``normal``."""
    if urgent or any(risk.kind in _GRAVE for risk in risks):
        return "high"
    return "normal"
