"""What two hundred rules cost beside the analysis of the text they are asked about.

Both are measured in this process, in turns, on the same texts: `analyze` as the pipeline calls it, and everything the
rules add to it: putting the facts together and walking through all of them.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from bench import voices
from bench.figures import Figure
from voc.analysis.run import analyze
from voc.analysis.taxonomy import default_rows
from voc.core.vocabulary import Metric
from voc.plugin_host import PluginHost
from voc.routing.actions import Actions
from voc.routing.conditions import compiled
from voc.routing.facts import Around, facts_of, known_facts
from voc.routing.rules import Live, walk
from voc.routing.severity import hurt
from voc.routing.stance import Decision, decide

RULES = 200
TEXTS = 60
AT = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Lima")

# As a CX team writes them: most ask two or three things, some search the text. `{n}` makes each of them another one.
_SHAPES = (
    'stance == "detractor" and "{topic}" in bad_topics and unit == "Branch {n}"',
    '"{topic}" in topics and score <= 3 and language == "es"',
    '"palabra{n}" in words or "frase que nadie dice {n}" in plain',
    'metric == "nps" and score < {digit} and channel == "shop-{n}" and not mixed',
    "facts.order_total > {n} and customer_known and hour >= 9 and hour < 18",
    '"legal" in risks and language in ["pt", "en"] and weekday not in ["saturday", "sunday"]',
    'stance == "promoter" and label == "positive" and probability >= 0.9 and "staff" in good_topics',
    'hurt >= 8 and (has_email or has_phone) and urgency == "high" and "vip{n}" in tags',
)


def rules(count: int) -> list[Live]:
    """Rules of every shape, none of which stops the walk; some match, some do not."""
    topics = [row["key"] for row in default_rows()]
    found = []
    for number in range(count):
        shape = _SHAPES[number % len(_SHAPES)]
        text = shape.replace("{topic}", topics[number % len(topics)]).replace("{digit}", str(number % 10))
        actions = Actions(tags=(f"tag {number % 40}",), priority="high")
        found.append(Live(uuid4(), uuid4(), 1, f"Rule {number}", compiled(text.replace("{n}", str(number))), actions))
    return found


def measure(folder: Path, *, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """Analyze and ask the same texts in turns; one figure a language, the worst has the target."""
    host = PluginHost.load(folder, blocked=(), limit=10)
    analyzers = {language: analyzer for language, (_, analyzer) in host.analyzers().items()}
    book, chance = rules(RULES), random.Random(3)
    figures = []
    for language in ("es", "pt", "en"):
        texts = [voices.text(chance, language) for _ in range(TEXTS)]
        analysis, asking = _times(texts, language, analyzers, book, rounds)
        tell(f"  {language}: analysis {analysis * 1e6:.0f} us, {RULES} rules {asking * 1e6:.0f} us")
        detail = f"{asking * 1e6:.0f} us, {analysis * 1e6:.0f} us"
        figures.append(
            Figure(f"{RULES} rules / one analysis ({language})", asking / analysis, "x", detail, 0.5, at_least=False)
        )
    return figures


def _prepared(texts: list[str], language: str, results: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What the pipeline has at hand of each feedback, with rules or without."""
    prepared = []
    for text, result in zip(texts, results, strict=True):
        said = SimpleNamespace(
            reach=None,
            text=text,
            metric=Metric.NPS,
            score=2,
            language_hint=language,
            received_at=AT,
            author={"email": "rosa@example.com"},
            unit="Branch 8",
            facts={"order_total": 120},
        )
        simple = facts_of(said, result)
        prepared.append((said, result, decide(simple), hurt(simple)))
    return prepared


def _times(texts: list[str], language: str, analyzers: Any, book: list[Live], rounds: int) -> tuple[float, float]:
    """Median seconds of one analysis, and of asking all rules about it."""
    analysis, asking = [], []
    for turn in range(rounds + 1):
        begin = time.perf_counter()
        results = [analyze(text, hint=language, analyzers=analyzers) for text in texts]
        middle = time.perf_counter()
        prepared = _prepared(texts, language, [result.to_dict() for result in results])
        again = time.perf_counter()
        for item in prepared:
            _ask(*item, book)
        end = time.perf_counter()
        # The first round warms everything up.
        if turn:
            analysis.append((middle - begin) / len(texts))
            asking.append((end - again) / len(texts))
    return statistics.median(analysis), statistics.median(asking)


def _ask(said: Any, result: dict[str, Any], decision: Decision, level: int, book: list[Live]) -> int:
    """What rules add to each feedback."""
    facts = known_facts(
        said,
        analysis=result,
        stance=decision.stance,
        mixed=decision.mixed,
        hurt=level,
        around=Around("shop-3", "api", "api"),
        zone=ZONE,
    )
    return len(walk(book, facts).acts)
