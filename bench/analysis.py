"""What understanding a text costs beside TextBlob's own sentiment of an English one, at worst, and in memory.

Both are measured in this process, in turns, on texts of about 140 characters of the committed corpus. The model's
memories are warmed with the others of the corpus; every text that is measured is new to it. What it adds to a process
is measured in fresh ones.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figures import Figure
from voc.analysis.linear.analyzer import shipped_analyzer
from voc.analysis.run import analyze
from voc.core.vocabulary import LANGUAGES
from voc.plugin import Analyzer

CORPUS = Path(__file__).parents[1] / "voc" / "analysis" / "corpus"
SHORTEST, LONGEST = 100, 180  # characters
TURN = 8  # texts that are measured without looking at the other side

_SLOW = 100_000
WORST = {
    "100 kB of reviews": "The courier never came, nobody answers and I want my money back. Pésimo, no vuelvo. ",
    "100 kB of letters": "a",
    "100 kB of accents": "e\u0301",
    "10,000 exclamation marks": "!",
    "addresses": "x@y.z ",
    "a word and a sign": "a@",
    "denials": "no ",
    "contrasts": "no es malo, pero ",
    "brackets": "(!) ",
    "phrases": "never again scam bill ",
    "apostrophes": "a'",
    "pictures": "\U0001f621 ",
}

# What a process weighs that the analysis joins, then when it has judged the corpus; and the seconds of the first text.
_WEIGHT = """
import json, sys, time
import voc.app.factory
from pathlib import Path
from voc.core.vocabulary import LANGUAGES
def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20
texts = json.load(sys.stdin)
before, begin = resident(), time.perf_counter()
from voc.analysis.run import analyze
from voc.analysis.linear.analyzer import shipped_analyzer
analyzers = dict.fromkeys(LANGUAGES, shipped_analyzer())
analyze("Pésima atención, nunca más vuelvo", analyzers=analyzers)
first, seconds = resident(), time.perf_counter() - begin
for text in texts: analyze(text, analyzers=analyzers)
print(json.dumps([first - before, resident() - before, seconds, "textblob" in sys.modules]))
"""


def measure(*, tell: Callable[[str], None]) -> list[Figure]:
    """The ratio of each language, the worst text, and the weight."""
    analyzers: dict[str, Analyzer] = dict.fromkeys(LANGUAGES, shipped_analyzer())
    texts = {language: _texts(language) for language in LANGUAGES}
    figures = [_ratio(texts[language], texts["en"], language, analyzers, tell) for language in LANGUAGES]
    return [*figures, _worst(analyzers, tell), *_weight([text for found in texts.values() for text in found])]


def _measured(texts: Sequence[str]) -> list[str]:
    """Every second one of the texts of about 140 characters."""
    return [text for text in texts if SHORTEST <= len(text) <= LONGEST][1::2]


def _texts(language: str) -> list[str]:
    """The texts of the corpus, each once."""
    lines = (CORPUS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line)["text"] for line in lines]
    return list(dict.fromkeys(found))


def _ratio(
    texts: Sequence[str],
    english: Sequence[str],
    language: str,
    analyzers: dict[str, Analyzer],
    tell: Callable[[str], None],
) -> Figure:
    """TextBlob's time by ours; the median of turns, in each of which both judge as many texts."""
    from textblob import TextBlob

    def ours(chosen: Sequence[str]) -> float:
        begin = time.process_time()
        for text in chosen:
            analyze(text, hint=language, analyzers=analyzers)
        return time.process_time() - begin

    def theirs(chosen: Sequence[str]) -> float:
        begin = time.process_time()
        for text in chosen:
            _ = TextBlob(text).sentiment
        return time.process_time() - begin

    fresh, plain = _measured(texts), _measured(english)
    ours(list(set(texts).difference(fresh)))
    theirs(plain[:TURN])
    pairs = []
    for start in range(0, min(len(fresh), len(plain)) - TURN + 1, TURN):
        pairs.append((theirs(plain[start : start + TURN]), ours(fresh[start : start + TURN])))
    blob, own = (statistics.median(column) / TURN for column in zip(*pairs, strict=True))
    tell(f"  {language}: {own * 1e6:.0f} us, TextBlob {blob * 1e6:.0f} us")
    detail = f"{1 / own:,.0f}/s against {1 / blob:,.0f}/s, {len(pairs) * TURN} texts"
    ratio = statistics.median(theirs / ours for theirs, ours in pairs)
    return Figure(f"analysis / TextBlob's sentiment ({language})", ratio, "x", detail, 0.3)


def _worst(analyzers: dict[str, Analyzer], tell: Callable[[str], None]) -> Figure:
    """Processor time of the text that takes longest."""
    taken: dict[str, float] = {}
    for name, piece in WORST.items():
        text = (piece * _SLOW)[: 10_000 if piece == "!" else _SLOW]
        for hint in (None, *LANGUAGES):
            begin = time.process_time()
            analyze(text, hint=hint, analyzers=analyzers)
            taken[name] = max(taken.get(name, 0.0), time.process_time() - begin)
    name = max(taken, key=taken.__getitem__)
    tell(f"  worst text: {name}, {taken[name]:.2f} s")
    return Figure("worst text", taken[name], "s", f"{name}; {len(taken)} tried", 1.0, at_least=False)


def _weight(texts: list[str]) -> list[Figure]:
    """Resident memory that analysis adds to a process that has imported the application, and the first text's time."""
    command = [sys.executable, "-c", _WEIGHT]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, timeout=300, check=True)
    first, whole, seconds, blob = json.loads(done.stdout.splitlines()[-1])
    detail = f"{first:.0f} MB after the first text, then {len(texts):,} more; TextBlob imported: {blob}"
    return [
        Figure("memory added by analysis", whole, "MB", detail, 60, at_least=False),
        Figure("first text, with everything it loads", seconds, "s", ""),
    ]
