"""How well texts are understood, on the status page: words and figures of the card that came with the model."""

from __future__ import annotations

from flask_babel import lazy_gettext

from voc.analysis.card import Card, Score, shipped
from voc.web.triage.words import certainty

KINDS = {
    "test": lazy_gettext("our own test texts"),
    "loso": lazy_gettext("a source left out of training"),
    "report": lazy_gettext("a source never trained on"),
}
NOTHING = "–"


def card() -> Card | None:
    """The card of the model that ships; it is read once and never measured here. None while there is none."""
    return shipped()


def means(card: Card) -> list[tuple[Score, int]]:
    """The mean of each language and kind. Of other languages only whether they were told apart was measured, which has
    no place here."""
    return [(score, count) for score, count in card.summaries() if score.n]


def every(card: Card) -> list[tuple[Score, int]]:
    """Every score, in the shape of `Card.summaries`."""
    return [(score, 1) for score in card.scores if score.n]


def kind_word(kind: str) -> str:
    """What a score was measured on, in the reader's language."""
    return str(KINDS.get(kind, kind))


def share(value: float | None) -> str:
    """A figure from 0 to 1 with two digits, a dash when it was not measured."""
    return certainty(value) or NOTHING


def around(score: Score) -> str:
    """The interval of macro-F1: `0.61–0.66`, or nothing."""
    if score.macro_f1_low is None or score.macro_f1_high is None:
        return ""
    return f"{share(score.macro_f1_low)}–{share(score.macro_f1_high)}"
