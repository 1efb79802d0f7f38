"""Words of danger: legal, safety, fraud, and customers about to leave.

A word that is denied just before (``no es una estafa``) or stands in a harmless phrase (``garantía legal``) is no
alarm. In doubt the alarm is raised: a person who looks in vain costs less than one who was not looked after.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Self, cast

from voc.analysis.folding import Folded, Token, fold, tokens
from voc.analysis.phrases import Match, PhraseTable
from voc.analysis.result import RISK_KINDS, Risk, RiskKind
from voc.core.vocabulary import LANGUAGES

_DENIALS: dict[str, frozenset[str]] = {
    "es": frozenset({"no", "ni", "sin", "tampoco", "jamas", "nunca"}),
    "pt": frozenset({"nao", "nem", "sem", "tampouco", "jamais", "nunca"}),
    "en": frozenset({"no", "not", "never", "without", "nor", "cannot"}),
}
# Where the language is unknown "no" denies nothing: in Portuguese it is "at the" ("vou no Procon").
_ANY_DENIALS = frozenset.union(*_DENIALS.values()) - {"no"}
ANY = "any"


@dataclass(frozen=True, slots=True)
class RiskWords:
    """Words of one kind of risk, harmless phrases around them, and how many words back a denial counts."""

    kind: RiskKind
    words: Mapping[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    denial_words: int


@dataclass(frozen=True, slots=True)
class RiskLexicon:
    """All kinds, compiled per language; the list ``any`` (names of bodies) counts in every language."""

    kinds: tuple[RiskWords, ...]
    _tables: dict[str | None, PhraseTable] = field(init=False, repr=False, compare=False, default_factory=dict)
    _harmless: list[PhraseTable] = field(init=False, repr=False, compare=False, default_factory=list)
    _windows: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Compile the tables."""
        for language in LANGUAGES:
            self._tables[language] = PhraseTable(_entries(self.kinds, (ANY, language)))
        self._tables[None] = PhraseTable(_entries(self.kinds, (ANY, *LANGUAGES)))
        self._harmless.append(PhraseTable((part.kind, word) for part in self.kinds for word in part.harmless))
        self._windows.update({part.kind: part.denial_words for part in self.kinds})

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Self:
        """From dictionaries ``{kind, words: {language: [word]}, harmless: [phrase], denial_words}``; ValueError."""
        kinds = []
        for row in rows:
            if row["kind"] not in RISK_KINDS:
                raise ValueError(f"no such kind of risk: {row['kind']!r}")
            words = {language: tuple(words) for language, words in row["words"].items()}
            kinds.append(
                RiskWords(cast(RiskKind, row["kind"]), words, tuple(row["harmless"]), int(row["denial_words"]))
            )
        return cls(tuple(kinds))

    @classmethod
    def default(cls) -> Self:
        """The words that ship with the product."""
        return cls.from_rows(default_rows())

    def find(self, text: str, language: str | None) -> list[Risk]:
        """Risks named in a text, in order; language None searches all three."""
        folded = fold(text)
        return self.find_folded(folded, language, tokens(folded))

    def find_folded(self, folded: Folded, language: str | None, words: Sequence[Token]) -> list[Risk]:
        """As ``find``, on a text already folded and cut into words."""
        hits = self._tables.get(language, self._tables[None]).find(folded, words)
        if not hits:
            return []
        denials = _DENIALS.get(language or "", _ANY_DENIALS)
        harmless = self._harmless[0].find(folded, words)
        return [
            Risk(cast(RiskKind, hit.key), hit.start, hit.end, folded.original[hit.start : hit.end])
            for hit in hits
            if not _covered(hit, harmless) and not _denied(hit, words, self._windows[hit.key], denials)
        ]


def _entries(kinds: Iterable[RiskWords], languages: Sequence[str]) -> list[tuple[str, str]]:
    """Kind and pattern of every word of the languages, each once."""
    pairs = ((part.kind, word) for part in kinds for lang in languages for word in part.words.get(lang, ()))
    return list(dict.fromkeys(pairs))


def _covered(hit: Match, harmless: Sequence[Match]) -> bool:
    """Whether a hit stands inside a harmless phrase of its kind."""
    return any(calm.key == hit.key and calm.first <= hit.first and hit.after <= calm.after for calm in harmless)


def _denied(hit: Match, words: Sequence[Token], window: int, denials: frozenset[str]) -> bool:
    """Whether a denial stands at most ``window`` words before the hit, with no punctuation between them."""
    for index in range(hit.first, max(hit.first - window, 0), -1):
        if words[index].breaks:
            return False
        word = words[index - 1].word
        if word in denials or word.endswith("n't"):
            return True
    return False


@cache
def default_rows() -> tuple[dict[str, Any], ...]:
    """The rows of ``risks.toml``."""
    text = (files("voc.analysis") / "risks.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["risks"])
