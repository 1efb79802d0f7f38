"""The labelled text that trains the model: the committed corpus, and open data that lies elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from voc.core.vocabulary import LANGUAGES

CORPUS = Path(__file__).parent.parent / "corpus"
# Files of VOC_TRAINING_DATA whose licence allows to train what ships; docs/accuracy.md and NOTICE name their authors.
OPEN = ("absapt_pt", "mabsa_en", "mabsa_es", "mabsa_pt", "uci_sls")
# May only be reported on: they choose nothing and leave no trace in the weights.
REPORTED = ("airline_us", "apps_pt", "coah", "coar")
LABELS = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text; ``source`` is who wrote it or where it was taken, ``group`` what is left out together."""

    text: str
    language: str
    label: int
    source: str
    group: str
    split: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text and its language, ``other`` for any that the model does not know."""

    text: str
    language: str
    split: str


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a file of JSON lines."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def fingerprint(path: Path) -> str:
    """SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def corpus_files() -> list[Path]:
    """The files of the committed corpus, in order."""
    return [*(CORPUS / f"{name}.jsonl" for name in (*LANGUAGES, "other")), CORPUS / "languages.toml"]


def open_files(data: Path) -> list[Path]:
    """The files of the open data, in order. Raises FileNotFoundError when one is missing."""
    found = [data / "sentiment" / "open" / f"{name}.jsonl" for name in OPEN]
    for path in found:
        if not path.is_file():
            raise FileNotFoundError(f"training data is missing: {path}")
    return found


def corpus() -> list[Example]:
    """The committed corpus: one group for each author."""
    found = []
    for language in LANGUAGES:
        for row in _rows(CORPUS / f"{language}.jsonl"):
            author = row["author"] if row["author"] != "first" else f"first_{language}"
            found.append(Example(row["text"], language, LABELS.index(row["label"]), author, author, row["split"]))
    return found


def opened(data: Path) -> list[Example]:
    """The open data; sentences that are translations of each other form one group."""
    found = []
    for path in open_files(data):
        for row in _rows(path):
            source = path.stem
            group = f"mabsa_{row['domain']}" if source.startswith("mabsa") else source
            found.append(
                Example(row["text"], row["lang"], LABELS.index(row["label"]), source, group, row.get("split", "train"))
            )
    return found


def reported(data: Path) -> list[Example]:
    """Text on which the finished model is reported; nothing where it is missing."""
    found = []
    for name in REPORTED:
        path = data / "sentiment" / "nc" / f"{name}.jsonl"
        if path.is_file():
            found += [
                Example(row["text"], row["lang"], LABELS.index(row["label"]), name, name, "report")
                for row in _rows(path)
            ]
    return found


def others() -> list[Snippet]:
    """Sentences in other languages and scraps in none."""
    return [Snippet(row["text"], row["lang"], row["split"]) for row in _rows(CORPUS / "other.jsonl")]


def trained_on(examples: Sequence[Example]) -> list[Example]:
    """The part that may train."""
    return [example for example in examples if example.split == "train"]
