"""Why it is here: reasons, their numbers and their marks, from stored analyses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from voc.cases.views import FeedbackView
from voc.core.ids import new_id
from voc.core.vocabulary import Stance
from voc.web.triage.why import why

TEXT = "Late delivery, kind driver. I will sue."
PLAIN = FeedbackView(
    id=new_id(),
    text=TEXT,
    language="en",
    metric=None,
    score=None,
    received_at=datetime(2026, 3, 4, tzinfo=UTC),
    channel_kind="api",
    channel_name="shop",
    author_name=None,
    unit=None,
    stance=Stance.DETRACTOR,
    mixed=False,
    policy="default-1",
    reasons=(),
    corrected_by=None,
    label="negative",
    probability=0.9,
    analyzer="textblob-en",
    analyzer_version="1",
    analysis=None,
    obligation_id=None,
    obligation_state=None,
    obligation_due_at=None,
    case_id=None,
)


def opinion(topic: str, label: str, start: int, end: int, probability: float | None = 0.9) -> dict[str, Any]:
    return {"topic": topic, "label": label, "probability": probability, "start": start, "end": end}


def seen(*opinions: dict[str, Any], risks: Any = (), evidence: Any = (), **changes: Any) -> FeedbackView:
    found = {"opinions": list(opinions), "risks": list(risks), "evidence": list(evidence)}
    return replace(PLAIN, analysis=found, **changes)


def test_without_an_analysis_there_is_the_text_and_no_reason() -> None:
    """A feedback that was not read yet shows its words."""
    result = why(replace(PLAIN, label=None))
    assert result.html == TEXT
    assert result.reasons == ()
    assert why(replace(PLAIN, text=None, label=None)).html == ""


def test_topics_and_risks_are_numbered_as_in_the_text() -> None:
    """Each reason has the number that stands behind its words; two places of one reason share it."""
    view = seen(
        opinion("delivery", "negative", 0, 13),
        opinion("staff", "positive", 15, 26),
        opinion("delivery", "negative", 28, 38),
        risks=[{"kind": "legal", "start": 30, "end": 38, "word": "will sue"}],
    )
    result = why(view)
    assert [(item.number, item.kind, item.subject) for item in result.reasons] == [
        (1, "topic", "delivery"),
        (2, "topic", "staff"),
        (3, "risk", "legal"),
    ]
    assert result.html == (
        '<mark class="evidence evidence--bad">Late delivery<sup>1</sup></mark>, '
        '<mark class="evidence evidence--good">kind driver<sup>2</sup></mark>. '
        '<mark class="evidence evidence--bad">I </mark>'
        '<mark class="evidence evidence--risk">will sue<sup>1</sup><sup>3</sup></mark>.'
    )


def test_a_mere_mention_marks_only_its_words() -> None:
    """Where nobody praises or complains, the clause says nothing: the words that name the topic are marked."""
    view = seen(
        opinion("delivery", "unknown", 0, len(TEXT), None),
        evidence=[{"start": 5, "end": 13, "kind": "topic", "label": "delivery"}],
        label="unknown",
    )
    assert why(view).html.startswith('Late <mark class="evidence evidence--plain">delivery<sup>1</sup></mark>, kind')


def test_a_topic_that_a_person_added_has_no_place_and_no_number() -> None:
    """It was found nowhere in the text; the numbers of the others have no gap."""
    added = opinion("price", "negative", 0, len(TEXT), 1.0)
    result = why(seen(added, opinion("delivery", "negative", 0, 13), analyzer="person"))
    assert [(item.number, item.subject) for item in result.reasons] == [(None, "price"), (1, "delivery")]
    assert result.html.startswith('<mark class="evidence evidence--bad">Late delivery<sup>1</sup></mark>, kind')


def test_without_topics_the_words_that_carry_the_sentiment_are_marked() -> None:
    """The text as a whole is the reason then."""
    view = seen(evidence=[{"start": 0, "end": 4, "kind": "sentiment", "label": "negative"}])
    result = why(view)
    assert [(item.number, item.kind, item.label) for item in result.reasons] == [(1, "text", "negative")]
    assert result.html.startswith('<mark class="evidence evidence--bad">Late<sup>1</sup></mark> delivery')
    assert [item.number for item in why(seen()).reasons] == [None]
    assert why(seen(label="unknown")).reasons == ()
