"""Trains the language head: whole texts, snippets cut from them, and sentences of other languages."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence

import numpy as np

from voc.analysis.linear.features import SIZE
from voc.analysis.linear.letters import text_places, written_words
from voc.analysis.training.descent import Array, fit, rows_of
from voc.analysis.training.sources import CORPUS, Example, Snippet
from voc.core.vocabulary import LANGUAGES

CLASSES = (*LANGUAGES, "other")
CUTS = 5  # snippets cut from each text
OTHER_TIMES = 4
NOTHING_TIMES = 12  # scraps in no language are few, and must not look like Spanish
DECAY = 1e-7
STEPS = 120
SEED = 5
_WORDS = 260


def snippets(examples: Sequence[Example], others: Sequence[Snippet]) -> list[tuple[str, str]]:
    """Pieces of text with their language, in a fixed order."""
    draw = random.Random(SEED)  # noqa: S311  # nothing secret: which words are cut
    found: list[tuple[str, str]] = []
    for example in examples:
        found.append((example.text, example.language))
        found += _cuts(example.text, example.language, 1, 6, CUTS, draw)
    for other in others:
        times = NOTHING_TIMES if other.language == "und" else OTHER_TIMES
        for _ in range(times):
            found.append((other.text, "other"))
        if other.language != "und":
            found += _cuts(other.text, "other", 2, 7, OTHER_TIMES, draw)
            found += _cuts(other.text, "other", 1, 3, OTHER_TIMES // 2, draw)
    found += _listed(draw)
    return [(text, language) for text, language in found if written_words(text)]


def _listed(draw: random.Random) -> list[tuple[str, str]]:
    """Telling words of each language and of its neighbors, one to three at a time."""
    found = []
    for name, part in tomllib.loads((CORPUS / "languages.toml").read_text(encoding="utf-8"))["words"].items():
        words = part["list"].split()
        found += [(word, name) for word in words]
        found += [(" ".join(draw.sample(words, draw.randint(1, 3))), name) for _ in words]
    return found


def _cuts(text: str, language: str, low: int, high: int, times: int, draw: random.Random) -> list[tuple[str, str]]:
    """Runs of ``low`` to ``high`` words drawn from a text that has more."""
    words = text.split()
    found = []
    for _ in range(times):
        size = draw.randint(low, high)
        if len(words) > size:
            first = draw.randrange(len(words) - size + 1)
            found.append((" ".join(words[first : first + size]), language))
    return found


def train(pairs: Sequence[tuple[str, str]]) -> tuple[Array, Array]:
    """Weights and bias; each language counts the root of its number of snippets."""
    rows = []
    for text, _ in pairs:
        places = text_places(written_words(text)[:_WORDS])
        share = len(places) ** -0.5
        rows.append([(place, share) for place in places])
    labels = np.array([CLASSES.index(language) for _, language in pairs])
    sizes = np.bincount(labels, minlength=len(CLASSES))
    weights = sizes[labels] ** -0.5
    return fit(rows_of(rows, SIZE), labels, weights / weights.sum(), classes=len(CLASSES), decay=DECAY, steps=STEPS)
