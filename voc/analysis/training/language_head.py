"""Trains the language head: whole texts, pieces cut from them, their single words, and sentences of other languages."""

from __future__ import annotations

import random
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from voc.analysis.linear.features import SIZE
from voc.analysis.linear.letters import text_places, written_words
from voc.analysis.linear.lexicon import spelled
from voc.analysis.training.descent import Array, fit, rows_of
from voc.analysis.training.sources import CORPUS, Example, Snippet
from voc.core.vocabulary import LANGUAGES

CLASSES = (*LANGUAGES, "other")
CUTS = 6  # pieces cut from each text
SINGLES = 2.0  # what the single words of a text count together, where a piece counts one
OTHER_TIMES = 4
NOTHING_TIMES = 12  # scraps in no language are few, and must not look like Spanish
DECAY = 1e-6
STEPS = 150
CUT_OFF = 0  # the largest weights are those that tell the neighbors (Galician, Catalan) from ours
SEED = 5
_WORDS = 260

# Words as written and the class they speak for.
Piece = tuple[tuple[str, ...], str]


def pieces(examples: Sequence[Example], others: Sequence[Snippet]) -> dict[Piece, float]:
    """Pieces of text with their language, in a fixed order, and what each counts."""
    draw = random.Random(SEED)  # noqa: S311  # nothing secret: which words are cut
    found: list[tuple[str, str]] = []
    for example in examples:
        found.append((example.text, example.language))
        found += _cuts(example.text, example.language, 2, 5, CUTS, draw)
    for other in others:
        times = NOTHING_TIMES if other.language == "und" else OTHER_TIMES
        for _ in range(times):
            found.append((other.text, "other"))
        if other.language != "und":
            found += _cuts(other.text, "other", 2, 7, OTHER_TIMES, draw)
            found += _cuts(other.text, "other", 1, 3, OTHER_TIMES // 2, draw)
    found += _listed(draw)
    found += [(word, language) for language in LANGUAGES for word in spelled(language)]
    counts: defaultdict[Piece, float] = defaultdict(float)
    for text, language in found:
        counts[tuple(written_words(text)[:_WORDS]), language] += 1.0
    for example in examples:
        words = example.text.split()
        for word in words:
            counts[tuple(written_words(word)), example.language] += SINGLES / len(words)
    return {piece: count for piece, count in counts.items() if piece[0]}


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


def train(counts: Mapping[Piece, float]) -> tuple[Array, Array]:
    """Weights and bias; each language counts the root of all that its pieces count."""
    rows = []
    for words, _ in counts:
        places = text_places(list(words))
        share = len(places) ** -0.5
        rows.append([(place, share * times) for place, times in places])
    labels = np.array([CLASSES.index(language) for _, language in counts])
    weights = np.array(list(counts.values()))
    sizes = np.bincount(labels, weights=weights, minlength=len(CLASSES))
    weights *= sizes[labels] ** -0.5
    return fit(rows_of(rows, SIZE), labels, weights / weights.sum(), classes=len(CLASSES), decay=DECAY, steps=STEPS)
