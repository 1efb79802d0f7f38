"""How soon a text wants an answer, from its own words: who cannot wait, and who says that there is no hurry.

A text is urgent when it says so (``urgente``, ``asap``), or when enough comes together: something is wrong, it is
now, somebody is in danger or frail, a date is near. The points of each are in ``urgency.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from voc.analysis.phrases import Match
from voc.analysis.result import Urgency

HIGH, LOW, NOW, TROUBLE, PLEA = "high", "low", "now", "trouble", "plea"
# What is looked for beside the kinds of risk.
CUES = (HIGH, LOW, NOW, TROUBLE, PLEA)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Cues:
    """Words by cue and language, the points of every cue and kind of risk, and from how many on a text is urgent."""

    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    points: Mapping[str, int]
    enough: int


@cache
def default_cues() -> Cues:
    """What ``urgency.toml`` says."""
    found = tomllib.loads((files("voc.analysis") / "urgency.toml").read_text(encoding="utf-8"))
    words = {
        key: {language: tuple(words) for language, words in found["words"][key].items()}
        for key in CUES
        if key in found["words"]
    }
    return Cues(words, dict(found["points"]), int(found["enough"]))


def grade(found: Mapping[str, Sequence[Match]], cues: Cues) -> tuple[Urgency, list[Match]]:
    """The urgency that risks and cues, by their key, come to, and the words that show it (their key is the grade).

    Words of danger are shown as risks already. Who says that there is no hurry has none, unless in danger.
    """
    points = sum(cues.points.get(key, 0) for key in found)
    if points >= cues.enough:
        shown = [hit for key in (HIGH, NOW, TROUBLE, PLEA) for hit in found.get(key, ())[:_SHOWN]]
        return "high", [_as(hit, HIGH) for hit in sorted(shown, key=lambda hit: (hit.start, hit.end))]
    if LOW in found:
        return "low", [_as(hit, LOW) for hit in found[LOW][:_SHOWN]]
    return "normal", []


def _as(hit: Match, key: str) -> Match:
    """The same place as evidence for a grade."""
    return Match(key, hit.start, hit.end, hit.first, hit.after)
