"""Measures the model that ships on the test part of the committed corpus, and writes its accuracy card.

    python docs/measure.py            writes voc/analysis/linear/card.json; then docs/generate.py writes the page
    python docs/measure.py --check    exits 1 when the card is not what the model reaches now

It needs the checkout and nothing else: no other data, no instance, no network.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from voc.analysis.card import FILE, Card
from voc.analysis.evaluation.carding import card_of
from voc.analysis.evaluation.reading import Example, example_of, json_object
from voc.analysis.evaluation.report import report
from voc.analysis.evaluation.tally import Evaluation
from voc.analysis.hosted import analyzers_of, shipped_host
from voc.analysis.linear import artifact
from voc.analysis.run import analyze

ANALYSIS = Path(__file__).resolve().parents[1] / "voc" / "analysis"
CORPUS = ANALYSIS / "corpus"
CARD = ANALYSIS / "linear" / FILE
MODEL = ANALYSIS / "linear" / artifact.FILE


def tested(paths: Iterable[Path]) -> Iterator[tuple[bytes, Example]]:
    """(line, text) of the test part of these files, in their order."""
    for path in sorted(paths):
        for line in path.read_bytes().splitlines():
            data = json_object(line) if line.strip() else {}
            if data.get("split") == "test":
                yield line, example_of(data, path.stem)


def measured(paths: Iterable[Path], manifest: dict[str, Any]) -> Card:
    """The card of what answers now. Raises ValueError when there is no test part."""
    analyzers, evaluation, digest = analyzers_of(shipped_host()), Evaluation(), sha256()
    for line, example in tested(paths):
        digest.update(line + b"\n")
        evaluation.add(example, analyze(example.text, analyzers=analyzers))
    if not evaluation.tallies:
        raise ValueError("there is no text of the test part")
    return card_of(report(evaluation), manifest, corpus=digest.hexdigest())


def written() -> str | None:
    """The card as it should be; None as long as there is no model or no corpus."""
    paths = list(CORPUS.glob("*.jsonl"))
    if not MODEL.is_file() or not paths:
        return None
    card = measured(paths, artifact.unpack(MODEL.read_bytes())[0])
    return json.dumps(card.to_dict(), indent=1, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the card, or with --check say whether it is stale; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write the accuracy card of the model that ships.")
    parser.add_argument("--check", action="store_true", help="only say whether it is stale; exit 1 when it is")
    check = parser.parse_args(arguments).check
    wanted = written()
    present = CARD.read_text(encoding="utf-8") if CARD.is_file() else None
    if wanted == present:
        return 0
    if check:
        sys.stdout.write("the accuracy card is stale: run python docs/measure.py, then python docs/generate.py\n")
        return 1
    if wanted is None:
        CARD.unlink()
        sys.stdout.write("there is no model and corpus to measure: the card was taken away\n")
    else:
        CARD.write_text(wanted, encoding="utf-8")
        sys.stdout.write(f"{CARD.name} was written; now run python docs/generate.py\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
