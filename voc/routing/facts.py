"""Everything that is known of one feedback, under the names that conditions use. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from voc.analysis.folding import WORD, fold
from voc.analysis.run import ANALYZED_CHARACTERS
from voc.core.vocabulary import Metric, Stance
from voc.routing.fields import WEEKDAYS
from voc.routing.severity import in_public
from voc.routing.stance import Facts, RiskWord

NOTHING: frozenset[str] = frozenset()
# What can only be told once it is known who the customer is.
CUSTOMER_FIELDS = frozenset({"customer_known", "segment", "customer_value"})


class Said(Protocol):
    """A feedback, as a row of the table or as something with the same columns."""

    text: Any
    metric: Any
    score: Any
    language_hint: Any
    received_at: Any
    author: Any
    unit: Any
    facts: Any
    reach: Any


class Scored(Protocol):
    """What the stance policy needs of a feedback."""

    metric: Any
    score: Any
    reach: Any


def facts_of(feedback: Scored, analysis: Mapping[str, Any] | None) -> Facts:
    """What the stance policy looks at, from a feedback and its stored analysis."""
    return Facts(
        metric=feedback.metric,
        score=feedback.score,
        label=analysis["sentiment"]["label"] if analysis else None,
        probability=analysis["sentiment"]["probability"] if analysis else None,
        negative=analysis["sentiment"].get("negative") if analysis else None,
        risks=tuple(RiskWord(r["kind"], r["start"], r["end"]) for r in analysis["risks"]) if analysis else (),
        urgency=analysis["urgency"] if analysis else None,
        reach=feedback.reach,
    )


@dataclass(frozen=True, slots=True)
class Around:
    """Where a feedback came from, and what is known of the customer; `known`: the company vouches for who it is."""

    channel: str = ""
    channel_kind: str = ""
    door: str = ""
    known: bool = False
    segment: str | None = None
    value: int | None = None


class Known(dict[str, Any]):
    """The facts by name. What costs more than looking it up is computed when it is first asked for."""

    def __missing__(self, name: str) -> Any:
        """The folded text and its words; raises KeyError for any other name."""
        if name == "plain":
            text = self["text"]
            self[name] = None if text is None else fold(text).text
        elif name == "words":
            plain = self["plain"]
            self[name] = NOTHING if plain is None else frozenset(WORD.findall(plain))
        else:
            raise KeyError(name)
        return self[name]


def known_facts(
    said: Said,
    *,
    analysis: Mapping[str, Any] | None,
    stance: Stance | None,
    mixed: bool,
    hurt: int,
    around: Around,
    zone: ZoneInfo,
    tags: Collection[str] = (),
) -> Known:
    """The facts of one feedback; `analysis` is its stored JSON, None without text.

    Only the part of a text that was analyzed (20,000 characters) is searched.
    """
    text: str | None = said.text[:ANALYZED_CHARACTERS] if said.text else None
    author: Mapping[str, Any] = said.author or {}
    local: datetime = said.received_at.astimezone(zone)
    metric: Metric | None = said.metric
    return Known(
        stance=(stance or Stance.UNKNOWN).value,
        mixed=mixed,
        metric=metric.value if metric else None,
        score=said.score,
        hurt=hurt,
        text=text,
        length=len(said.text or ""),
        channel=around.channel,
        channel_kind=around.channel_kind,
        door=around.door,
        unit=said.unit,
        customer_known=around.known,
        segment=around.segment,
        customer_value=around.value,
        has_email=bool(author.get("email")),
        has_phone=bool(author.get("phone")),
        hour=local.hour,
        weekday=WEEKDAYS[local.weekday()],
        tags=frozenset(tags),
        facts=said.facts if isinstance(said.facts, dict) else {},
        reach=said.reach,
        risks=_dangers(analysis, said.reach),
        **_understood(analysis, said.language_hint),
    )


def _dangers(analysis: Mapping[str, Any] | None, reach: int | None) -> frozenset[str]:
    """The kinds of risk in the text; what many people could see is public, whatever it says."""
    kinds = [item["kind"] for item in analysis["risks"]] if analysis else []
    return frozenset([*kinds, "public"] if in_public(reach) else kinds)


def _understood(analysis: Mapping[str, Any] | None, hint: str | None) -> dict[str, Any]:
    """What the analysis gives."""
    if analysis is None:
        return {
            "language": hint,
            "label": None,
            "probability": None,
            "topics": NOTHING,
            "bad_topics": NOTHING,
            "good_topics": NOTHING,
            "urgency": None,
        }
    opinions = analysis["opinions"]
    return {
        "language": analysis["language"] or hint,
        "label": analysis["sentiment"]["label"],
        "probability": analysis["sentiment"]["probability"],
        "topics": _spoken_of(opinions),
        "bad_topics": _spoken_of([item for item in opinions if item["label"] == "negative"]),
        "good_topics": _spoken_of([item for item in opinions if item["label"] == "positive"]),
        "urgency": analysis["urgency"],
    }


def _spoken_of(opinions: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The topics of opinions, and those above them."""
    return frozenset([topic for item in opinions for topic in (item["topic"], *item.get("above", ()))])
