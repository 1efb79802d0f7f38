"""The whole making of the model file, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voc.analysis.folding import fold, tokens
from voc.analysis.linear.analyzer import NAME
from voc.analysis.linear.artifact import pack
from voc.analysis.linear.features import SIZE, seen_place, squeezed
from voc.analysis.training import feeling_head, language_head
from voc.analysis.training.descent import Array, rows_of
from voc.analysis.training.feeling import feeling_row
from voc.analysis.training.scores import scores_of
from voc.analysis.training.sources import (
    LABELS,
    Example,
    corpus,
    corpus_files,
    fingerprint,
    open_files,
    opened,
    others,
    reported,
    trained_on,
)

VERSION = "1"
SEEN_BITS = 1 << 20
SEEN_TIMES = 2
_LICENSES = {
    "absapt_pt": "CC BY 4.0",
    "mabsa_en": "Apache-2.0",
    "mabsa_es": "Apache-2.0",
    "mabsa_pt": "Apache-2.0",
    "uci_sls": "CC BY 4.0",
}

Progress = Callable[[str], None]


def make(data: Path, progress: Progress) -> bytes:
    """Bytes of the model file. Raises FileNotFoundError when training data is missing."""
    files = [*corpus_files(), *open_files(data)]
    examples = trained_on([*corpus(), *opened(data)])
    progress(f"{len(examples):,} labelled texts")
    bodies: dict[str, bytes] = {}
    heads: dict[str, Any] = {}
    scores = _feelings(examples, data, bodies, heads, progress)
    _languages(examples, bodies, heads, progress)
    bodies["seen"] = seen_words(examples)
    manifest = {
        "name": NAME,
        "version": VERSION,
        "heads": heads,
        "trained_on": _trained_on(examples),
        "files": [{"name": path.name, "sha256": fingerprint(path)} for path in files],
        "seed": language_head.SEED,
        "scores": scores,
    }
    return pack(manifest, bodies)


def _feelings(
    examples: Sequence[Example], data: Path, bodies: dict[str, bytes], heads: dict[str, Any], progress: Progress
) -> list[dict[str, Any]]:
    """The sentiment head into the file; its figures on what it had not seen."""
    rows = rows_of([feeling_row(example.text, example.language) for example in examples], SIZE)
    words = words_of(examples)
    left = feeling_head.left_out(rows, examples, progress)
    cool = feeling_head.cooling(left, words, examples)
    chances = cool.probabilities(left, words, [example.language for example in examples])
    scores = scores_of(examples, chances, "loso")
    matrix, bias = feeling_head.train(rows, examples)
    progress("sentiment: trained on everything")
    body, scale, offsets = feeling_head.packed(matrix, bias)
    bodies["sentiment"] = body
    heads["sentiment"] = {"classes": list(LABELS), "scale": scale, "bias": offsets, "calibration": cool.to_dict()}
    unseen = reported(data)
    if unseen:
        lists = [feeling_row(example.text, example.language) for example in unseen]
        said = rows_of(lists, SIZE).times(matrix) + bias
        told = cool.probabilities(said, words_of(unseen), [example.language for example in unseen])
        scores += scores_of(unseen, told, "report")
    return scores


def _languages(
    examples: Sequence[Example], bodies: dict[str, bytes], heads: dict[str, Any], progress: Progress
) -> None:
    """The language head into the file."""
    counts = language_head.pieces(examples, [row for row in others() if row.split == "train"])
    matrix, bias = language_head.train(counts)
    body, scale, offsets = feeling_head.packed(matrix, bias, cut_off=language_head.CUT_OFF)
    bodies["language"] = body
    heads["language"] = {"classes": list(language_head.CLASSES), "scale": scale, "bias": offsets}
    progress(f"language: trained on {len(counts):,} pieces")


def words_of(examples: Sequence[Example]) -> Array:
    """Number of words of each text."""
    return np.array([len(tokens(fold(example.text))) for example in examples], dtype=float)


def seen_words(examples: Sequence[Example]) -> bytes:
    """Bits of the words that were seen, written small, at least twice: names are hardly among them."""
    counts: Counter[str] = Counter()
    for example in examples:
        folded = fold(example.text)
        for token in tokens(folded):
            if example.text[folded.span(token.start, token.end)[0]].islower():
                counts[squeezed(token.word)] += 1
    bits = bytearray(SEEN_BITS // 8)
    for word, times in counts.items():
        if times >= SEEN_TIMES:
            place = seen_place(word, SEEN_BITS)
            bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)


def _trained_on(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Name, size and licence of what trained the model; the committed corpus is one."""
    counts = Counter(example.source if example.source in _LICENSES else "voc corpus" for example in examples)
    return [
        {"name": name, "rows": rows, "license": _LICENSES.get(name, "MIT")} for name, rows in sorted(counts.items())
    ]
