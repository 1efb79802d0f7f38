"""Analyzers: the same answer twice, a probability that is one, evidence in the text, and unknown without a ground."""

from __future__ import annotations

import time

from voc.plugin import Sentiment
from voc.testkit.rule import broken, rule, shown
from voc.testkit.subject import Subject, tried

LABELS = ("negative", "neutral", "positive", "unknown")
HOSTILE = ("", " ", "\x00", "a" * 20_000, "no " * 6_000, "😡" * 5_000, "الخدمة سيئة", "İ" * 500, "\ud83d")
SLOWEST = 3.0


def judged(subject: Subject, text: str, language: str) -> Sentiment:
    """The analyzer's judgement, whose form is right."""
    result = tried(subject.analyzer.analyze, text, language)
    if not isinstance(result.value, Sentiment):
        broken(f"analyze of {shown(text, 40)} {result.kind} instead of a Sentiment")
    return result.value


def languages(subject: Subject) -> list[str]:
    """What it declares, in order."""
    return sorted(subject.analyzer.languages)


@rule(
    "analyzer-loads",
    "bronze",
    "The host loads it, and fixtures.py knows it.",
    mend="Make plugin.toml and voc_analyzers agree, and give fixtures.py a subclass of AnalyzerFixtures.",
    method="analyze",
    of="analyzer",
)
def loads(subject: Subject) -> None:
    """Name, version, languages, fixtures."""
    if said := subject.plugin.trouble or subject.host_says:
        broken(f"the plugin cannot be loaded: {said}")
    if not subject.analyzer.version or not subject.analyzer.languages:
        broken("the analyzer has no version or no languages")
    if subject.plugin.no_fixtures:
        broken(f"fixtures.py cannot be used ({subject.plugin.no_fixtures})")
    if not subject.analyzer_fixtures.negative or not subject.analyzer_fixtures.no_ground:
        broken("fixtures.py has no texts that are negative, or none without a ground")


@rule(
    "analyzer-pure",
    "bronze",
    "The same text gets the same judgement.",
    mend="Make analyze a function of text and language alone.",
    method="analyze",
    of="analyzer",
)
def pure(subject: Subject) -> None:
    """Twice, and after other texts."""
    known = [*subject.analyzer_fixtures.negative, *subject.analyzer_fixtures.positive]
    first = [judged(subject, *item) for item in known]
    again = [judged(subject, *item) for item in reversed(known)][::-1]
    for item, one, other in zip(known, first, again, strict=True):
        if one != other:
            broken(f"{shown(item[0], 40)} was judged {one.label} and then {other.label}, or with another probability")


@rule(
    "analyzer-right",
    "silver",
    "It is right about what is beyond doubt.",
    mend="Look at the texts of fixtures.py that it gets wrong.",
    method="analyze",
    of="analyzer",
)
def right(subject: Subject) -> None:
    """The fixtures' texts."""
    for label, texts in (
        ("negative", subject.analyzer_fixtures.negative),
        ("positive", subject.analyzer_fixtures.positive),
    ):
        for text, language in texts:
            found = judged(subject, text, language)
            if found.label != label:
                broken(f"{shown(text, 60)} is {label} and was judged {found.label}")


@rule(
    "analyzer-unknown",
    "silver",
    "Without a ground it says unknown, never neutral.",
    mend='Return Sentiment("unknown", None, 0.0) where no word speaks, and for a language that is not yours.',
    method="analyze",
    of="analyzer",
)
def unknown(subject: Subject) -> None:
    """Texts without a ground, nothing at all, and a language that it does not declare."""
    texts = [*subject.analyzer_fixtures.no_ground, ("", languages(subject)[0]), ("xx yy", "zz")]
    for text, language in texts:
        found = judged(subject, text, language)
        if found.label != "unknown" or found.probability is not None:
            broken(f"{shown(text, 40)} ({language}) was judged {found.label} with probability {found.probability}")


@rule(
    "analyzer-probability",
    "bronze",
    "Label, probability and polarity mean something.",
    mend="probability lies in (0, 1] and is None only for unknown, polarity in [-1, 1].",
    method="analyze",
    of="analyzer",
)
def probability(subject: Subject) -> None:
    """In their ranges."""
    for text, language in [*subject.analyzer_fixtures.negative, *subject.analyzer_fixtures.positive]:
        found = judged(subject, text, language)
        if found.label not in LABELS or not -1 <= found.polarity <= 1:
            broken(f"{shown(text, 40)} was judged {found.label!r} with polarity {found.polarity}")
        if (found.probability is None) != (found.label == "unknown"):
            broken(f"{shown(text, 40)} was judged {found.label} with probability {found.probability}")
        if found.probability is not None and not 0 < found.probability <= 1:
            broken(f"{shown(text, 40)} has the probability {found.probability}")


@rule(
    "analyzer-evidence",
    "silver",
    "Evidence is where it says.",
    mend="Give offsets in code points of the very text that was handed over, end exclusive, within it.",
    method="analyze",
    of="analyzer",
)
def evidence(subject: Subject) -> None:
    """Within the text, not empty, also behind an emoji."""
    for text, language in [*subject.analyzer_fixtures.negative, *subject.analyzer_fixtures.positive]:
        for shifted in (text, f"😡 İ {text}"):
            for mark in judged(subject, shifted, language).evidence:
                if not 0 <= mark.start < mark.end <= len(shifted) or not shifted[mark.start : mark.end].strip():
                    broken(f"evidence of {shown(shifted, 40)} lies at {mark.start} to {mark.end}")


@rule(
    "analyzer-hostile",
    "silver",
    "Whatever is written, it answers in time.",
    mend="Bound the work by the length of the text, and expect any character.",
    method="analyze",
    of="analyzer",
)
def hostile(subject: Subject) -> None:
    """Odd and long texts."""
    for text in HOSTILE:
        began = time.monotonic()
        judged(subject, text, languages(subject)[0])
        if time.monotonic() - began > SLOWEST:
            broken(f"judging {len(text):,} characters took {time.monotonic() - began:.1f} seconds")
