"""Makes the head of the second opinion from the labelled data; needs the extra `embeddings`.

    python -m voc.analysis.training.embedding_head [--data DIR] [--vectors FILE] [--out FILE]

It embeds every text (half an hour on one core), which ``--vectors`` keeps for the next time. As the vectors are made by
somebody else's code for the processor at hand, its last digits may differ from one machine to another.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from voc.analysis.embedding import second
from voc.analysis.embedding.encoder import encoder, model_name
from voc.analysis.linear.features import SIZE
from voc.analysis.training import feeling_head
from voc.analysis.training.descent import Array, rows_of, softmax
from voc.analysis.training.feeling import feeling_row
from voc.analysis.training.making import words_of
from voc.analysis.training.scores import scores_of
from voc.analysis.training.sources import LABELS, Example, corpus, opened, reported, trained_on

VERSION = "1"
DECAY = 5e-5
STEPS = 120
SHARES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
HEATS = (1.0, 1.4, 2.0, 2.8, 4.0)
DIGITS = 5
SEED = 7
MOST_REPORTED = 1500
TOWARDS = (0.1, 0.0, 0.0)  # chosen on the parts left out

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Dense:
    """Rows that have every feature; what `voc.analysis.training.descent.fit` asks of rows."""

    values: Array

    @property
    def width(self) -> int:
        """Number of features."""
        return int(self.values.shape[1])

    def times(self, weights: Array) -> Array:
        """Rows times a matrix of ``width`` x classes."""
        return self.values @ weights

    def transposed(self, errors: Array) -> Array:
        """Transposed rows times a matrix of rows x classes."""
        return self.values.T @ errors

    def chosen(self, keep: Array) -> Dense:
        """Only the rows of a boolean mask."""
        return Dense(self.values[keep])


def directions(texts: Sequence[str], kept: Path | None, progress: Progress) -> Array:
    """Embeddings of length one, from the file where they are kept or made now."""
    known: dict[str, Array] = {}
    if kept is not None and kept.is_file():
        with np.load(kept) as file:
            known = dict(zip(file["keys"].tolist(), file["vectors"], strict=True))
    keys = [sha256(text.encode()).hexdigest() for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    for number, (key, text) in enumerate(missing.items(), 1):
        known[key] = np.asarray(encoder().passages([text])[0], dtype=np.float32)
        if number % 1000 == 0:
            progress(f"embeddings: {number:,} of {len(missing):,}")
    if kept is not None and missing:
        np.savez(kept, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    found = np.stack([known[key] for key in keys]).astype(float)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def likelihood(chances: Array, examples: Sequence[Example]) -> float:
    """Mean log-probability of the right label, every source by its share."""
    labels = np.array([example.label for example in examples])
    return float((feeling_head.shares_of(examples) * np.log(chances[np.arange(len(labels)), labels] + 1e-9)).sum())


def joined(first: Array, second_scores: Array, heat: float, share: float, calm: float) -> Array:
    """Both opinions as one, as `voc.analysis.embedding.second.Head.joined` has it."""
    sums = np.log(np.maximum(first, second.LEAST)) + share * np.log(softmax(second_scores / heat))
    return softmax(sums / calm + np.array(TOWARDS))


def calmest(first: Array, scores: Array, heat: float, share: float, examples: Sequence[Example]) -> float:
    """By what the sum must be divided so that the promised probabilities come true best."""
    grid = [round(1 + step / 20, 2) for step in range(-6, 21)]
    return max(grid, key=lambda calm: likelihood(joined(first, scores, heat, share, calm), examples))


def first_opinion(examples: Sequence[Example], unseen: Sequence[Example], progress: Progress) -> tuple[Array, Array]:
    """Probabilities of the linear model: of each example without its source, and of what it never saw."""
    rows = rows_of([feeling_row(example.text, example.language) for example in examples], SIZE)
    left = feeling_head.left_out(rows, examples, progress)
    cool = feeling_head.cooling(left, words_of(examples), examples)
    before = cool.probabilities(left, words_of(examples), [example.language for example in examples])
    if not unseen:
        return before, np.zeros((0, len(LABELS)))
    matrix, bias = feeling_head.train(rows, examples)
    said = rows_of([feeling_row(e.text, e.language) for e in unseen], SIZE).times(matrix) + bias
    return before, cool.probabilities(said, words_of(unseen), [example.language for example in unseen])


def few_of(unseen: Sequence[Example]) -> list[Example]:
    """At most so many of each source, drawn by lot: an embedding takes its time, and these choose nothing."""
    found = []
    for source in dict.fromkeys(example.source for example in unseen):
        mine = [example for example in unseen if example.source == source]
        random.Random(SEED).shuffle(mine)  # noqa: S311  # nothing secret: which texts are looked at
        found += mine[:MOST_REPORTED]
    return found


def make(data: Path, kept: Path | None, progress: Progress) -> dict[str, Any]:
    """The head as it is written. Raises FileNotFoundError when data is missing, Missing without the extra."""
    made_for = model_name(encoder())
    examples = trained_on([*corpus(), *opened(data)])
    unseen = few_of(reported(data))
    vectors = directions([example.text for example in [*examples, *unseen]], kept, progress)
    middle = vectors[: len(examples)].mean(axis=0)
    mine, theirs = vectors[: len(examples)] - middle, vectors[len(examples) :] - middle
    first, of_unseen = first_opinion(examples, unseen, progress)
    scores = feeling_head.left_out(Dense(mine), examples, progress, decay=DECAY, steps=STEPS)
    heat = max(HEATS, key=lambda heat: likelihood(softmax(scores / heat), examples))
    chosen = [(share, calmest(first, scores, heat, share, examples)) for share in SHARES]
    share, calm = max(chosen, key=lambda pair: likelihood(joined(first, scores, heat, *pair), examples))
    matrix, bias = feeling_head.train(Dense(mine), examples, decay=DECAY, steps=STEPS)
    figures = scores_of(examples, joined(first, scores, heat, share, calm), "loso")
    if unseen:
        figures += scores_of(unseen, joined(of_unseen, theirs @ matrix + bias, heat, share, calm), "report")
    return {
        "made_for": made_for,
        "version": VERSION,
        "heat": heat,
        "share": share,
        "calm": calm,
        "moves": list(TOWARDS),
        "bias": [round(float(value), DIGITS) for value in bias],
        "middle": [round(float(value), DIGITS) for value in middle],
        "weights": [[round(float(value), DIGITS - 2) for value in row] for row in matrix],
        "scores": figures,
    }


def main(arguments: list[str]) -> int:
    """Make the head; returns the exit status."""
    parser = argparse.ArgumentParser(description="Make the head of the second opinion.")
    given = os.environ.get("VOC_TRAINING_DATA")
    parser.add_argument("--data", type=Path, default=given, required=given is None, help="folder of the open data")
    parser.add_argument("--vectors", type=Path, help="a file to keep the embeddings in")
    parser.add_argument("--out", type=Path, default=Path(second.__file__).with_name(second.FILE))
    chosen = parser.parse_args(arguments)
    made = make(Path(chosen.data), chosen.vectors, _say)
    chosen.out.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


def _say(line: str) -> None:
    """One line of progress."""
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
