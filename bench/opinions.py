"""How often the polarity at a word is told rightly where a sentence says good and bad: `python -m bench.opinions`.

`VOC_TRAINING_DATA/topics/open/mabsa_{en,es,pt}.jsonl` is read and never kept. Asked are sentences whose terms do not
all have the same polarity, term by term; none of them taught the model that ships. The pipeline is told the terms of a
sentence as if its topics had been found there, and answers with the label of the opinion that holds the term. One half
of the sentences, by the hash of the text, is only asked about; on the other (`--tune`) everything was chosen. Without
the terms that stand nowhere in their sentence. `opposed`: only sentences with a positive and a negative term.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from statistics import mean

from voc.analysis.clauses import Piece
from voc.analysis.folding import Folded, Token
from voc.analysis.hosted import analyzers_of, shipped_host
from voc.analysis.run import analyze
from voc.analysis.taxonomy import Taxonomy, TopicHit
from voc.core.vocabulary import LANGUAGES
from voc.plugin.analyzer import Analyzer

NOWHERE = "NULL"
HOWS = ("most", "text", "opinion")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with the places of its terms and the polarity at each; `lost`: terms that stand nowhere in it."""

    text: str
    language: str
    terms: tuple[tuple[int, int, str], ...]
    lost: int

    @property
    def opposed(self) -> bool:
        """Whether something is said well and something badly."""
        return {"positive", "negative"} <= {label for _, _, label in self.terms}


class Told(Taxonomy):
    """A taxonomy that finds what it was told: each term is a topic of its own."""

    def __init__(self, terms: Iterable[tuple[int, int, str]]) -> None:
        """Take the places of the terms."""
        super().__init__(())
        hits = [TopicHit(str(number), start, end) for number, (start, end, _) in enumerate(terms)]
        object.__setattr__(self, "hits", sorted(hits, key=lambda hit: (hit.start, hit.end)))

    def spoken_of(
        self, folded: Folded, language: str | None, words: Sequence[Token], pieces: Sequence[Piece]
    ) -> list[TopicHit]:
        """The terms in the order of the text."""
        found: list[TopicHit] = getattr(self, "hits")  # noqa: B009  (the parent has slots)
        return found


def read(path: Path) -> Iterator[Sentence]:
    """The sentences of a file that say more than one thing."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        aspects = [item for item in row["aspects"] if item["term"] != NOWHERE]
        if len({item["label"] for item in row["aspects"]}) < 2 or not aspects:
            continue
        terms = tuple(placed(row["text"], [(item["term"], item["label"]) for item in aspects]))
        yield Sentence(row["text"], row["lang"], terms, len(aspects) - len(terms))


def placed(text: str, terms: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int, str]]:
    """Where each term stands, as a whole word if it can be; a term named again stands at its next place."""
    used: Counter[str] = Counter()
    for term, label in terms:
        pattern = r"\s*".join(re.escape(part) for part in term.split())
        found = list(re.finditer(rf"\b{pattern}\b", text, re.IGNORECASE)) or list(re.finditer(pattern, text, re.I))
        if found:
            match = found[min(used[term.lower()], len(found) - 1)]
            used[term.lower()] += 1
            yield match.start(), match.end(), label


def half(sentence: Sentence) -> int:
    """Which half a sentence belongs to: 0 is asked about, 1 is for choosing."""
    return sha256(sentence.text.encode()).digest()[0] & 1


def answers(sentence: Sentence, analyzers: Mapping[str, Analyzer]) -> Iterator[tuple[str, str, str]]:
    """For each term: what is right, what the whole text says, what the opinion says."""
    said = analyze(sentence.text, hint=sentence.language, analyzers=analyzers, taxonomy=Told(sentence.terms))
    by_term = {opinion.topic: opinion.label for opinion in said.opinions}
    for number, (_, _, label) in enumerate(sentence.terms):
        yield label, said.sentiment.label, by_term[str(number)]


def rates(rows: Sequence[tuple[str, str, str]]) -> dict[str, float]:
    """Share of right answers: always the most frequent polarity, the whole text, the opinion."""
    right = Counter(label for label, _, _ in rows)
    told = {how: sum(row[0] == row[at] for row in rows) for at, how in enumerate(HOWS) if at}
    return {"most": max(right.values()) / len(rows)} | {how: count / len(rows) for how, count in told.items()}


def main() -> None:
    """Print a table, and the averages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("VOC_TRAINING_DATA"), help="where topics/open is")
    parser.add_argument("--tune", action="store_true", help="ask about the half that constants may be chosen on")
    options = parser.parse_args()
    folder = Path(options.data or ".") / "topics" / "open"
    if options.data is None or not (folder / "mabsa_es.jsonl").is_file():
        parser.error("there is no data: set VOC_TRAINING_DATA or --data")
    analyzers, found = analyzers_of(shipped_host()), defaultdict[str, list[dict[str, float]]](list)
    for language in LANGUAGES:
        asked = [s for s in read(folder / f"mabsa_{language}.jsonl") if half(s) == int(options.tune)]
        for kind, chosen in (("all", asked), ("opposed", [sentence for sentence in asked if sentence.opposed])):
            rows = [row for sentence in chosen for row in answers(sentence, analyzers)]
            found[kind].append(rates(rows))
            lost = sum(sentence.lost for sentence in chosen)
            print(f"{language} {kind:8} {len(rows):5} terms, {lost:2} lost  {_told(found[kind][-1])}", flush=True)
    for kind, scores in found.items():
        print(f"mean {kind:28}{_told({how: mean(score[how] for score in scores) for how in HOWS})}")


def _told(score: Mapping[str, float]) -> str:
    return "  ".join(f"{how} {score[how]:.3f}" for how in HOWS)


if __name__ == "__main__":
    main()
