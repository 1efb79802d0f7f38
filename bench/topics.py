"""How well a company's topics are learnt: `python -m bench.topics`, over the M-ABSA sentences in `VOC_TRAINING_DATA`.

`VOC_TRAINING_DATA/topics/open/mabsa_{en,es,pt}.jsonl` is read and never kept. The categories of a domain are merged by
entity (the part after the domain), those used less than 60 times are dropped, and one text in five, by its hash, is
only asked about. For each domain and language: micro-F1 of words that a person wrote down in half an hour, of a head
from 100 labelled texts and from all, and of both together. `--tune` asks about a fifth of the other texts instead:
there features and constants were chosen.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from statistics import mean

from bench.topic_words import WORDS
from voc.analysis.learning import Labelled, learn, places_of, score
from voc.analysis.taxonomy import Taxonomy

LEAST_USED = 60
FEW = 100
Set = list[tuple[int, Labelled]]


def read(folder: Path) -> dict[tuple[str, str], Set]:
    """Texts by domain and language, each with a number that only depends on it, in the order of these."""
    raw: dict[tuple[str, str], list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for path in sorted(folder.glob("mabsa_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            topics = frozenset(topic.split("/")[1] for topic in row["topics"])
            raw[row["domain"], row["lang"]].append((row["text"], topics))
    return {key: _set(key, rows) for key, rows in sorted(raw.items())}


def _set(key: tuple[str, str], rows: Sequence[tuple[str, frozenset[str]]]) -> Set:
    used = Counter(topic for _, topics in rows for topic in topics)
    kept = frozenset(topic for topic, count in used.items() if count >= LEAST_USED)
    taxonomy = words_of(*key)
    found = []
    for text, topics in rows:
        said = frozenset(hit.key for hit in taxonomy.find(text, key[1])) & kept
        number = int.from_bytes(sha256(text.encode()).digest()[:8])
        found.append((number, Labelled(text, topics & kept, said)))
    return sorted(found, key=lambda item: (item[0] // 5, item[1].text))


def words_of(domain: str, language: str) -> Taxonomy:
    """The taxonomy of a domain as a person would begin it."""
    listed = WORDS[domain]
    rows = [
        {"key": key, "names": {}, "words": {language: words[language].split(", ")}} for key, words in listed.items()
    ]
    return Taxonomy.from_rows(rows)


def split(rows: Set, *, tune: bool) -> tuple[list[Labelled], list[Labelled]]:
    """What is learnt from, and what is asked about."""
    rest = [(number, item) for number, item in rows if number % 5]
    if not tune:
        return [item for _, item in rest], [item for number, item in rows if number % 5 == 0]
    return [item for number, item in rest if number % 5 != 1], [item for number, item in rest if number % 5 == 1]


def measure(rows: Set, *, tune: bool = False) -> dict[str, float]:
    """Micro-F1 by what tells the topics."""
    taught, asked = split(rows, tune=tune)
    nothing: list[Mapping[str, float]] = [{} for _ in asked]
    found = {"words": score(asked, nothing, {}, 1.0).f1}
    for name, items in ((str(FEW), taught[:FEW]), ("all", taught)):
        found[name] = _alone(items, asked)
        head = learn(items)
        likely = [head.likely(places_of(item.text)) for item in asked]
        found[f"{name}+words"] = score(asked, likely, head.thresholds, head.floor).f1
    return found


def _alone(items: Iterable[Labelled], asked: Sequence[Labelled]) -> float:
    """Without the words, neither in learning where a topic begins nor in asking."""
    head = learn([replace(item, said=frozenset()) for item in items])
    likely = [head.likely(places_of(item.text)) for item in asked]
    return score([replace(item, said=frozenset()) for item in asked], likely, head.thresholds, head.floor).f1


def main() -> None:
    """Print a table, and the averages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("VOC_TRAINING_DATA"), help="where topics/open is")
    parser.add_argument("--tune", action="store_true", help="ask about texts that constants may be chosen on")
    options = parser.parse_args()
    if options.data is None or not (sets := read(Path(options.data) / "topics" / "open")):
        parser.error("there is no data: set VOC_TRAINING_DATA or --data")
    rows = {}
    for (domain, language), rated in sets.items():
        rows[domain, language] = found = measure(rated, tune=options.tune)
        print(
            f"{domain:11} {language}  " + "  ".join(f"{name} {value:.3f}" for name, value in found.items()), flush=True
        )
    names = next(iter(rows.values()))
    print("average         " + "  ".join(f"{name} {mean(row[name] for row in rows.values()):.3f}" for name in names))


if __name__ == "__main__":
    main()
