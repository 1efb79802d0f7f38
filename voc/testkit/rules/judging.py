"""Scores and times: 0 is a score, unanswered is none, and a moment is that moment in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from voc.core.vocabulary import SCALES
from voc.core.vocabulary import Metric as Known
from voc.plugin import Inbound
from voc.testkit.rule import NotTested, broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject, tried

LIMA, KATHMANDU = timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45))
# Vendors write whole seconds, or milliseconds.
EXACT = timedelta(seconds=1)


@rule(
    "score-zero",
    "bronze",
    "0 is a score.",
    mend="Ask `if score is not None`, never `if score`.",
    features=("score",),
)
def zero(subject: Subject) -> None:
    """NPS 0 comes out as NPS 0: the one metric that has a 0."""
    if "nps" not in subject.fixtures.metrics:
        raise NotTested("none of the metrics that the fixtures name has a 0")
    item = subject.inbound(Said(text="Malo", metric="nps", score=0))
    if item.score != 0 or isinstance(item.score, bool) or item.metric != "nps":
        broken(f"an NPS answer of 0 was read as metric {item.metric!r}, score {item.score!r}")


@rule(
    "score-raw",
    "bronze",
    "A score is the raw answer, with its metric, in its range.",
    mend="Hand the number on as it came, as int, with its metric; raise ValueError for any other number.",
    features=("score",),
)
def raw_score(subject: Subject) -> None:
    """Every answer of every scale the vendor knows; what is beyond it is not bent until it fits."""
    for metric in subject.fixtures.metrics:
        low, high = SCALES[Known(metric)]
        for score in (low, high, high + 1):
            result = tried(subject.inbound, Said(text="x", metric=metric, score=score))
            item = result.value
            if isinstance(result.error, ValueError) or not isinstance(item, Inbound):
                continue
            if item.metric is not None and (
                type(item.score) is not int or item.score != score or item.metric != metric
            ):
                broken(f"{metric} {score} was read as {item.metric} {item.score!r}")
            if (item.metric is None) != (item.score is None):
                broken(f"{metric} {score} was read as metric {item.metric!r} and score {item.score!r}: one alone")


@rule(
    "score-none",
    "bronze",
    "Unanswered is not 0.",
    mend="Leave score and metric at None when the customer gave no score.",
    features=("text",),
)
def none(subject: Subject) -> None:
    """Words alone have no score."""
    result = tried(subject.inbound, Said(text="Solo palabras"))
    item = result.value
    if isinstance(item, Inbound) and (item.score is not None or item.metric is not None):
        broken(f"a message without a score was read as {item.metric} {item.score!r}")


@rule(
    "time-zone",
    "bronze",
    "A moment is the same moment in every time zone.",
    mend="Make sent_at aware from the zone that the vendor gives; never take the zone off.",
    features=("sent_at",),
)
def zones(subject: Subject) -> None:
    """Half past nine in Lima is what it is, and aware."""
    for zone in (UTC, LIMA, KATHMANDU):
        wanted = datetime(2026, 3, 3, 9, 30, tzinfo=zone)
        found = subject.inbound(Said(sent_at=wanted)).sent_at
        if found is None or found.tzinfo is None:
            broken(f"a message sent {wanted.isoformat()} has sent_at {shown(found)}")
        if abs(found - wanted) > EXACT:
            broken(f"a message sent {wanted.isoformat()} was read as {found.isoformat()}")


@rule(
    "time-skew",
    "silver",
    "A clock that is wrong loses no words.",
    mend="Keep the words; give a time that cannot be as None, so that the time of arrival counts.",
    features=("sent_at", "text"),
)
def skew(subject: Subject) -> None:
    """A week ahead, and long ago: the words are there, the time is aware or absent."""
    for wanted in (NOW + timedelta(days=7), datetime(1971, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC)):
        result = tried(subject.inbound, Said(text="Malo", sent_at=wanted))
        if result.error is not None:
            broken(f"a message dated {wanted.date()} {result.kind}")
        found = result.value
        if "Malo" not in (found.text or "") or (found.sent_at is not None and found.sent_at.tzinfo is None):
            broken(
                f"a message dated {wanted.date()} was read as {shown(found.text)} with sent_at {shown(found.sent_at)}"
            )


@rule(
    "time-absent",
    "silver",
    "Without a time there is none.",
    mend="Leave sent_at at None when the vendor says nothing: the host knows when it arrived. `read` sees no clock.",
)
def absent(subject: Subject) -> None:
    """What the vendor did not say is not made up from a clock of ours."""
    found = [item for item in subject.read(subject.raw(Said(sent_at=None))) if isinstance(item, Inbound)]
    for item in found:
        if item.sent_at is not None and abs(item.sent_at - NOW) > timedelta(days=1):
            broken(f"a message without a time was read with sent_at {item.sent_at.isoformat()}, a clock of its own")
