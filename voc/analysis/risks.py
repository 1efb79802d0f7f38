"""What may not be overlooked in a text: danger, threats, customers about to leave, and whoever cannot wait.

A word that is denied just before (``no es una estafa``) or stands in a harmless phrase (``garantía legal``) is no
alarm. All kinds and the words of urgency stand in one table, so that a text is gone through once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Self, cast

from voc.analysis.folding import Folded, Token, fold, tokens
from voc.analysis.phrases import Match, PhraseTable
from voc.analysis.result import RISK_KINDS, Risk, RiskKind, Urgency
from voc.analysis.urgency import CUES, HIGH, NOW, PLEA, TROUBLE, Cues, default_cues, grade
from voc.core.vocabulary import LANGUAGES

ANY = "any"
# What only counts where something is wrong: many a plain question speaks of an allergy, a baby or a wedding.
QUIET: frozenset[str] = frozenset({"health", "repeat", "vulnerable", "deadline"})
# From this probability on a text that reads as neutral or positive is taken for calm.
SURELY = 0.75
RIVAL = "{rival}"
LEAVING = "leaving"
# So many places are kept of every kind: a text full of one cannot hide another.
KEPT = 5
_LOOKED_AT = 40
_DENIED_URGENCY = 3  # words
_CALM = "-"  # ends the key of the harmless phrases of a kind

_DENIALS: dict[str, frozenset[str]] = {
    "es": frozenset({"no", "ni", "sin", "tampoco", "jamas", "nunca"}),
    "pt": frozenset({"nao", "nem", "sem", "tampouco", "jamais", "nunca"}),
    "en": frozenset({"no", "not", "never", "without", "nor", "cannot"}),
}
# Where the language is unknown "no" denies nothing: in Portuguese it is "at the" ("vou no Procon").
_ANY_DENIALS = frozenset.union(*_DENIALS.values()) - {"no"}


@dataclass(frozen=True, slots=True)
class RiskWords:
    """Words of one kind of risk, harmless phrases around them, and how many words back a denial counts."""

    kind: RiskKind
    words: Mapping[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    denial_words: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """What one text sets off: risks in its order, how urgent it is, and the words that say so (key = the grade)."""

    risks: tuple[Risk, ...]
    urgency: Urgency
    marks: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class RiskLexicon:
    """All kinds and the words of urgency, compiled per language; the list ``any`` (names of bodies) counts in each.

    ``classes`` are the words that ``{name}`` stands for, ``rivals`` the names of competitors: who names one is leaving.
    """

    kinds: tuple[RiskWords, ...]
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cues: Cues = field(default_factory=default_cues)
    rivals: tuple[str, ...] = ()
    _tables: dict[str | None, PhraseTable] = field(init=False, repr=False, compare=False, default_factory=dict)
    _windows: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Compile the tables. Raises ValueError on a pattern that is none."""
        entries = {language: self._entries((ANY, language)) for language in LANGUAGES}
        for language, found in entries.items():
            self._tables[language] = PhraseTable(found, classes=self.classes)
        together = dict.fromkeys(entry for found in entries.values() for entry in found)
        self._tables[None] = PhraseTable(together, classes=self.classes)
        self._windows.update({part.kind: part.denial_words for part in self.kinds})
        self._windows[HIGH] = _DENIED_URGENCY

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        classes: Mapping[str, Sequence[str]] | None = None,
        rivals: Sequence[str] = (),
    ) -> Self:
        """From dictionaries ``{kind, words: {language: [word]}, harmless: [phrase], denial_words}``; ValueError."""
        kinds = []
        for row in rows:
            if row["kind"] not in RISK_KINDS:
                raise ValueError(f"no such kind of risk: {row['kind']!r}")
            words = {language: tuple(words) for language, words in row["words"].items()}
            kinds.append(
                RiskWords(cast(RiskKind, row["kind"]), words, tuple(row["harmless"]), int(row["denial_words"]))
            )
        known = {name: tuple(words) for name, words in (classes or {}).items()}
        named = dict.fromkeys(filter(None, map(rival_words, rivals)))
        return cls(tuple(kinds), known, rivals=tuple(named))

    @classmethod
    def default(cls, rivals: Sequence[str] = ()) -> Self:
        """The words that ship with the product, and these names of competitors."""
        return cls.from_rows(default_rows(), classes=default_classes(), rivals=rivals)

    def find(self, text: str, language: str | None) -> list[Risk]:
        """Risks named in a text, in order, of each kind the first five; language None searches all three."""
        return list(self.read(text, language).risks)

    def find_folded(self, folded: Folded, language: str | None, words: Sequence[Token]) -> list[Risk]:
        """As ``find``, on a text already folded and cut into words."""
        return list(self.read_folded(folded, language, words).risks)

    def read(self, text: str, language: str | None) -> Alarm:
        """Risks and urgency of a text."""
        folded = fold(text)
        return self.read_folded(folded, language, tokens(folded))

    def read_folded(self, folded: Folded, language: str | None, words: Sequence[Token], *, calm: bool = False) -> Alarm:
        """As ``read``, on a text already folded and cut into words: one pass, linear in the text.

        ``calm``: nothing is wrong there (see ``reads_calm``); then the quiet kinds and hints at haste are left out.
        """
        table = self._tables.get(language, self._tables[None])
        hits = table.find(folded, words, limit=len(words) * 4 + 4, each=_LOOKED_AT)
        if not hits:
            return NOTHING
        denials = _DENIALS.get(language or "", _ANY_DENIALS)
        harmless = [hit for hit in hits if hit.key.endswith(_CALM)]
        loud: dict[str, list[Match]] = {}
        for hit in hits:
            key = hit.key
            if key.endswith(_CALM) or (harmless and _covered(hit, harmless)) or (calm and key in _HUSHED):
                continue
            window = self._windows.get(key, 0)
            if window and _denied(hit, words, window, denials):
                continue
            loud.setdefault(key, []).append(hit)
        alarms = [hit for key, found in loud.items() if key not in CUES for hit in found[:KEPT]]
        alarms.sort(key=lambda hit: (hit.start, hit.end))
        graded, marks = grade(loud, self.cues)
        return Alarm(tuple(_risk(hit, folded.original) for hit in alarms), graded, tuple(marks))

    def _entries(self, languages: Sequence[str]) -> list[tuple[str, str]]:
        """Key and pattern of every word of these languages, each once; harmless phrases count in all of them."""
        entries: list[tuple[str, str]] = []
        for part in self.kinds:
            entries += [(part.kind, word) for lang in languages for word in part.words.get(lang, ())]
            entries += [(part.kind + _CALM, word) for word in self._filled(part.harmless)]
            if part.kind == LEAVING:
                entries += [(part.kind, name) for name in self.rivals]
        for key, by_language in self.cues.words.items():
            entries += [(key, word) for lang in languages for word in by_language.get(lang, ())]
        return list(dict.fromkeys(entries))

    def _filled(self, phrases: Iterable[str]) -> list[str]:
        """Phrases with every competitor's name where one belongs."""
        return [
            filled
            for phrase in phrases
            for filled in ([phrase.replace(RIVAL, name) for name in self.rivals] if RIVAL in phrase else [phrase])
        ]


_HUSHED = QUIET | {NOW, TROUBLE, PLEA}
NOTHING = Alarm((), "normal", ())


def rival_words(name: str) -> str:
    """A competitor's name as the table wants it: its words; empty when there is none.

    A name in capitals wants capitals in the text, as everywhere in the table.
    """
    found = tokens(fold(name))
    words = " ".join(token.word for token in found)
    return words.upper() if name.isupper() else words


@lru_cache(maxsize=8)
def risks_with(rivals: tuple[str, ...] = ()) -> RiskLexicon:
    """The words that ship and these names of competitors, compiled once for each such list."""
    return RiskLexicon.default(rivals)


def reads_calm(label: str, probability: float | None) -> bool:
    """Whether a text surely reads as neutral or positive; one that nobody judged does not."""
    return label in ("neutral", "positive") and probability is not None and probability >= SURELY


def _risk(hit: Match, text: str) -> Risk:
    """A place in the table's words as a risk."""
    return Risk(cast(RiskKind, hit.key), hit.start, hit.end, text[hit.start : hit.end])


def _covered(hit: Match, harmless: Sequence[Match]) -> bool:
    """Whether a hit stands inside a harmless phrase of its kind."""
    key = hit.key + _CALM
    return any(calm.key == key and calm.first <= hit.first and hit.after <= calm.after for calm in harmless)


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
def _shipped() -> Mapping[str, Any]:
    """What ``risks.toml`` says."""
    return tomllib.loads((files("voc.analysis") / "risks.toml").read_text(encoding="utf-8"))


def default_rows() -> tuple[dict[str, Any], ...]:
    """The kinds of ``risks.toml``."""
    return tuple(_shipped()["risks"])


def default_classes() -> dict[str, list[str]]:
    """The classes of words of ``risks.toml``."""
    return dict(_shipped()["classes"])
