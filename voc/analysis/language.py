"""Which of es, pt, en a text is written in, or honestly *unknown*.

First form: telling words, endings and letters vote; neighbors (French, Italian, German, Quechua ...) and words that
nobody knows vote for *other*. The answer needs a margin over the second and ground of its own, so short or foreign
text tends to unknown. The hint (the page on which it was written) only breaks ties.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from voc.analysis.folding import fold
from voc.core.vocabulary import LANGUAGES

OTHER = "other"
_CLASSES = (*LANGUAGES, OTHER)
_ES, _PT, _EN, _XX = range(4)
Votes = tuple[float, float, float, float]

SEEN_CHARACTERS = 3_000
MARGIN = 2.4  # votes between best and second; chosen on the open training texts
HINT = 2.0  # votes the hint adds, and only where the margin is not reached
GROUND = 0.22  # share of the words that must speak for the answer
_STRANGER = 0.45  # vote for *other* of a word that nobody knows

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CHUNK = re.compile(r"\S+")

# Endings of longer words (at least five letters before folding) and the votes they give: es, pt, en, other.
_ENDINGS: dict[str, Votes] = {
    "ción": (2, 0, 0, 0), "sión": (2, 0, 0, 0), "cion": (2, 0, 0, 0), "ciones": (2, 0, 0, 0), "ieron": (2, 0, 0, 0),
    "aron": (2, 0, 0, 0), "dad": (2, 0, 0, 0), "arlo": (2, 0, 0, 0), "erlo": (2, 0, 0, 0), "arse": (2, 0, 0, 0),
    "aba": (1, 0, 0, 0), "ían": (2, 0, 0, 0), "ería": (1, 0.5, 0, 0), "ble": (1, 0, 1, 0.5), "iendo": (2, 0, 0, 0),
    "ção": (0, 2, 0, 0), "cao": (0, 2, 0, 0), "ções": (0, 2, 0, 0), "coes": (0, 2, 0, 0), "ram": (0, 2, 0, 0),
    "dade": (0, 2, 0, 0), "ável": (0, 2, 0, 0), "ível": (0, 2, 0, 0), "vel": (0, 1, 0, 0), "eiro": (0, 2, 0, 0),
    "eira": (0, 2, 0, 0), "agem": (0, 2, 0, 0), "ssem": (0, 2, 0, 0), "sse": (0, 1, 0, 0), "inho": (0, 2, 0, 0),
    "inha": (0, 2, 0, 0), "aram": (0, 2, 0, 0), "uei": (0, 2, 0, 0), "tei": (0, 2, 0, 0), "rei": (0, 1.5, 0, 0),
    "endo": (0.5, 1, 0, 0), "ando": (1, 1, 0, 0.5), "mente": (1, 1, 0, 0.7), "ado": (1.2, 1.2, 0, 0),
    "ada": (1.2, 1.2, 0, 0), "ados": (1.2, 1.2, 0, 0), "adas": (1.2, 1.2, 0, 0), "ido": (1, 1, 0, 0),
    "ing": (0, 0, 2, 0), "tion": (0, 0, 1.5, 1), "tions": (0, 0, 1.5, 1), "ness": (0, 0, 2, 0), "ful": (0, 0, 2, 0),
    "ght": (0, 0, 2, 0), "ed": (0, 0, 1.5, 0), "ly": (0, 0, 2, 0), "ity": (0, 0, 2, 0), "ment": (0, 0, 0.8, 1),
    "able": (0, 0, 1, 1), "ous": (0, 0, 2, 0), "ically": (0, 0, 2, 0), "ies": (0, 0, 1.5, 0), "ck": (0, 0, 1, 0),
    "zione": (0, 0, 0, 3), "zioni": (0, 0, 0, 3), "ità": (0, 0, 0, 3), "issimo": (0, 0, 0, 2), "issima": (0, 0, 0, 2),
    "ato": (0, 0.3, 0, 1.5), "ata": (0, 0, 0, 1), "ung": (0, 0, 0, 3), "lich": (0, 0, 0, 3), "keit": (0, 0, 0, 3),
    "eux": (0, 0, 0, 3), "euse": (0, 0, 0, 3), "eurs": (0, 0, 0, 3), "ique": (0.5, 0.5, 0, 2), "elle": (0, 0, 0, 2),
    "aux": (0, 0, 0, 2), "ette": (0, 0, 0, 2), "ten": (0, 0, 0.5, 1), "chen": (0, 0, 0, 3), "isch": (0, 0, 0, 3),
    "kuna": (0, 0, 0, 3), "ykuna": (0, 0, 0, 3), "manta": (0, 0, 0, 2), "chu": (0, 0, 0, 2), "zko": (0, 0, 0, 2),
}  # fmt: skip
_LETTERS: dict[str, Votes] = {
    "ñ": (2, 0, 0, 0.5), "ã": (0, 3, 0, 0), "õ": (0, 3, 0, 0), "ç": (0, 1.5, 0, 1), "ê": (0, 1, 0, 0.8),
    "ô": (0, 1, 0, 0.8), "â": (0, 1, 0, 0.8), "à": (0, 0.7, 0, 1), "lh": (0, 1.5, 0, 0), "nh": (0, 1.5, 0, 0),
    "ll": (0.5, 0, 0.5, 0.4), "ó": (0.7, 0.3, 0, 0), "th": (0, 0, 1.2, 0.2), "wh": (0, 0, 1, 0), "ew": (0, 0, 0.7, 0),
    "oo": (0, 0, 1, 0.5), "sh": (0, 0, 0.8, 0.2), "ä": (0, 0, 0, 3), "ö": (0, 0, 0, 3), "ü": (0, 0, 0, 1),
    "ß": (0, 0, 0, 3), "è": (0, 0, 0, 2), "ù": (0, 0, 0, 2), "ò": (0, 0, 0, 2), "ì": (0, 0, 0, 2), "î": (0, 0, 0, 2),
    "œ": (0, 0, 0, 3), "å": (0, 0, 0, 3), "ø": (0, 0, 0, 3), "ł": (0, 0, 0, 3), "ż": (0, 0, 0, 3), "ą": (0, 0, 0, 3),
    "ę": (0, 0, 0, 3), "ş": (0, 0, 0, 3), "ğ": (0, 0, 0, 3), "ı": (0, 0, 0, 3), "sch": (0, 0, 0, 2),
}  # fmt: skip
_CONTRACTIONS = ("n't", "'s", "'re", "'ve", "'ll", "'m", "'d")
_ELISIONS = ("l'", "d'", "qu'", "c'", "j'", "n'", "dell'", "un'", "all'", "dall'")


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The language (ISO 639-1) or None for unknown, and how probable the best one is, 0 to 1."""

    language: str | None
    probability: float


def identify(text: str, hint: str | None = None) -> LanguageGuess:
    """Language of a text; only its first 3,000 characters are looked at. The hint decides ties, never clear text."""
    words = _words(text[:SEEN_CHARACTERS])
    if not words:
        return LanguageGuess(None, 0.0)
    scores = [0.0, 0.0, 0.0, 0.0]
    grounds = [0, 0, 0, 0]
    for word in words:
        votes = _votes(word)
        for index in range(4):
            vote = votes[index]
            if vote:
                scores[index] += vote
                grounds[index] += vote >= 1
    if "¿" in text or "¡" in text:
        scores[_ES] += 2
    return _decide(scores, grounds, len(words), hint)


def _decide(scores: list[float], grounds: list[int], count: int, hint: str | None) -> LanguageGuess:
    """The answer from the votes: margin and ground, then the hint, else unknown."""
    chosen = max(range(3), key=scores.__getitem__)
    probability = _probability(scores, chosen)
    if hint in LANGUAGES and _margin(scores, chosen) < MARGIN:
        hinted = LANGUAGES.index(hint)
        # The hinted language must have ground of its own: a hint makes no Spanish out of gibberish.
        if scores[hinted] >= 1:
            leaning = list(scores)
            leaning[hinted] += HINT
            if _margin(leaning, hinted) > 0:
                scores, chosen = leaning, hinted
                probability = max(_probability(leaning, hinted), 0.5)
                if grounds[hinted] >= GROUND * count:
                    return LanguageGuess(LANGUAGES[hinted], round(min(probability, 0.8), 3))
    if _margin(scores, chosen) < MARGIN or grounds[chosen] < GROUND * count:
        return LanguageGuess(None, round(probability, 3))
    return LanguageGuess(LANGUAGES[chosen], round(probability, 3))


def _margin(scores: list[float], index: int) -> float:
    """Votes of one class above the best of the others."""
    return scores[index] - max(score for other, score in enumerate(scores) if other != index)


def _probability(scores: list[float], index: int) -> float:
    """Share of one class after exponentiation; the votes are about natural logarithms of odds."""
    top = max(scores)
    weights = [math.exp(max(score - top, -30.0)) for score in scores]
    return min(weights[index] / sum(weights), 0.999)


def _words(text: str) -> list[str]:
    """Words in lower case without addresses, handles and hashtags; a run of one letter is no word."""
    kept = " ".join(
        chunk
        for chunk in _CHUNK.findall(text)
        if "@" not in chunk and "://" not in chunk and not chunk.startswith(("www.", "#"))
    )
    return [word.replace("’", "'") for word in _WORD.findall(kept.lower()) if len(word) <= 30]


def _votes(word: str) -> Votes:
    """Votes of one word: the table knows it, or its contraction, ending and letters speak."""
    table = _table()
    known = table.get(word)
    if known is not None:
        return known
    if "'" in word:
        if word.endswith(_CONTRACTIONS):
            return (0, 0, 3, 0)
        if word.startswith(_ELISIONS):
            return (0, 0, 0, 3)
    return _shape(word)


@cache
def _endings() -> tuple[tuple[int, dict[str, Votes]], ...]:
    """Endings by length, the longest first."""
    lengths = sorted({len(ending) for ending in _ENDINGS}, reverse=True)
    return tuple((size, {k: v for k, v in _ENDINGS.items() if len(k) == size}) for size in lengths)


def _shape(word: str) -> Votes:
    """Votes by ending and letters of a word that is in no list."""
    if not any("a" <= char <= "z" for char in word):
        return (0, 0, 0, 2)  # another script
    scores = [0.0, 0.0, 0.0, _STRANGER]
    if len(word) >= 5:
        for size, group in _endings():
            votes = group.get(word[-size:])
            if votes is not None:
                scores = [a + b for a, b in zip(scores, votes, strict=True)]
                break
    for size in (1, 2, 3):
        for piece in {word[i : i + size] for i in range(len(word) - size + 1)}:
            votes = _LETTERS.get(piece)
            if votes is not None:
                scores = [a + b for a, b in zip(scores, votes, strict=True)]
    return (scores[0], scores[1], scores[2], scores[3])


@cache
def _table() -> dict[str, Votes]:
    """Votes of every listed word, with and without accents; read once from ``language.toml``."""
    data = tomllib.loads((files("voc.analysis") / "language.toml").read_text(encoding="utf-8"))
    votes: dict[str, list[float]] = {}

    def give(words: str, classes: list[str], weight: float) -> None:
        for word in words.split():
            row = votes.setdefault(word, [0.0, 0.0, 0.0, 0.0])
            for name in classes:
                row[_CLASSES.index(name)] = max(weight, row[_CLASSES.index(name)])

    for name, part in data["words"].items():
        give(part["list"], [name], 2.0 if name == OTHER else 3.0)
    for name, part in data["shared"].items():
        give(part["list"], name.split("-"), 2.0)
    for row in votes.values():
        if row[_XX] and max(row[:3]) >= 3:
            row[_XX] = 1.3  # "la", "con", "was": common abroad, commoner here
    for word in list(votes):
        plain = fold(word).text
        if plain not in votes:
            votes[plain] = [vote * 0.8 for vote in votes[word]]
    return {word: (row[0], row[1], row[2], row[3]) for word, row in votes.items()}
