"""Why it is here: what was understood of one feedback, as numbered reasons beside the marked words. Pure.

A reason is one risk, how urgent it is, or one topic spoken of in one way; it may be said in several places of the
text, which all carry its number. Without topics and risks the words that carry the sentiment are marked instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup

from voc.cases.views import FeedbackView
from voc.web.triage.marking import Mark, Tone, mark

Kind = Literal["topic", "risk", "urgency", "text"]
_TONES: dict[str, Tone] = {"negative": "bad", "positive": "good"}


@dataclass(frozen=True, slots=True)
class Reason:
    """One numbered reason. `subject` is a topic key, a kind of risk, a grade of urgency, or empty for the text as a
    whole; `word` is what was found; `number` is None when nothing in the text shows it."""

    number: int | None
    kind: Kind
    subject: str
    label: str
    word: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Why:
    """The reasons and the text with their marks."""

    reasons: tuple[Reason, ...]
    html: Markup


def why(view: FeedbackView) -> Why:
    """The reasons of one feedback; without an analysis the plain text and none."""
    text, found = view.text or "", view.analysis or {}
    drawn: list[Mark] = []
    reasons: list[Reason] = []
    for (topic, label), opinions in _topics(found).items():
        places = [place for item in opinions for place in _places(item, found, added=_added(item, view))]
        number = _next(reasons) if places else None
        reasons.append(Reason(number, "topic", topic, label, "", opinions[0]["probability"]))
        drawn += [Mark(start, end, _TONES.get(label, "plain"), number) for start, end in places]
    for kind, risks in _risks(found).items():
        number = _next(reasons)
        reasons.append(Reason(number, "risk", kind, "negative", risks[0]["word"], None))
        drawn += [Mark(item["start"], item["end"], "risk", number) for item in risks]
    grade = found.get("urgency", "normal")
    if grade != "normal":
        places = [(item["start"], item["end"]) for item in found.get("evidence", ()) if item["kind"] == "urgency"]
        number = _next(reasons) if places else None
        reasons.append(Reason(number, "urgency", grade, "neutral", _first(places, text), None))
        drawn += [Mark(start, end, "plain", number) for start, end in places]
    label = view.label or "unknown"
    if not reasons and label in _TONES:
        carrying = [item for item in found.get("evidence", ()) if item["kind"] == "sentiment"]
        reasons.append(Reason(1 if carrying else None, "text", "", label, "", view.probability))
        drawn += [Mark(item["start"], item["end"], _TONES.get(item["label"], "plain"), 1) for item in carrying]
    return Why(tuple(reasons), mark(text, drawn))


def _first(places: Sequence[tuple[int, int]], text: str) -> str:
    """The words of the first place; nothing where there is none."""
    return text[places[0][0] : places[0][1]] if places else ""


def _next(reasons: Sequence[Reason]) -> int:
    """The next number; reasons that no words show have none."""
    return sum(1 for reason in reasons if reason.number is not None) + 1


def _added(opinion: Mapping[str, Any], view: FeedbackView) -> bool:
    """Whether a person added this topic: then its span is empty or the whole text, and says nothing."""
    whole = opinion["start"] == 0 and opinion["end"] >= len(view.text or "") and opinion["probability"] == 1.0
    return opinion["end"] <= opinion["start"] or (view.analyzer == "person" and whole)


def _topics(found: Mapping[str, Any]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """The opinions by topic and label in the order of the text."""
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for opinion in found.get("opinions", ()):
        grouped.setdefault((opinion["topic"], opinion["label"]), []).append(opinion)
    return grouped


def _risks(found: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The risks by kind in the order of the text."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for risk in found.get("risks", ()):
        grouped.setdefault(risk["kind"], []).append(risk)
    return grouped


def _places(opinion: Mapping[str, Any], found: Mapping[str, Any], *, added: bool) -> list[tuple[int, int]]:
    """Where an opinion is marked: its clause when that praises or complains, else only the words that name the topic.

    A topic that a person added (`added`) was found nowhere in the text.
    """
    if added:
        return []
    start, end = opinion["start"], opinion["end"]
    if opinion["label"] in _TONES:
        return [(start, end)]
    words = [
        (item["start"], item["end"])
        for item in found.get("evidence", ())
        if item["kind"] == "topic" and item["label"] == opinion["topic"] and start <= item["start"] < end
    ]
    return words or [(start, end)]
