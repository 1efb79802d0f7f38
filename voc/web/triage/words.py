"""Our words for closed sets, in the reader's language."""

from __future__ import annotations

from flask_babel import format_decimal, lazy_gettext

from voc.cases.views import Queue
from voc.core.vocabulary import ClockKind, Priority
from voc.web.account.texts import translated as _

QUEUES = {
    "open": lazy_gettext("Open"),
    "mine": lazy_gettext("Mine"),
    "team": lazy_gettext("My team"),
    "unassigned": lazy_gettext("Unassigned"),
    "overdue": lazy_gettext("Overdue"),
    "escalated": lazy_gettext("Escalated"),
    "resolved": lazy_gettext("Resolved"),
}
PRIORITIES = {
    Priority.LOW: lazy_gettext("low"),
    Priority.NORMAL: lazy_gettext("normal"),
    Priority.HIGH: lazy_gettext("high"),
    Priority.URGENT: lazy_gettext("urgent"),
}
CLOCKS = {
    ClockKind.FIRST_RESPONSE: lazy_gettext("First response"),
    ClockKind.RESOLUTION: lazy_gettext("Resolution"),
    ClockKind.JUDGEMENT: lazy_gettext("Judgement"),
}
LABELS = {
    "negative": lazy_gettext("negative"),
    "neutral": lazy_gettext("neutral"),
    "positive": lazy_gettext("positive"),
    "unknown": lazy_gettext("not determined"),
}
SAID = {
    "negative": lazy_gettext("complains"),
    "neutral": lazy_gettext("mentions it"),
    "positive": lazy_gettext("praises it"),
    "unknown": lazy_gettext("mentions it"),
}
RISKS = {
    "safety": lazy_gettext("Safety risk"),
    "health": lazy_gettext("Health"),
    "legal": lazy_gettext("Legal risk"),
    "authority": lazy_gettext("Goes to an authority"),
    "fraud": lazy_gettext("Suspicion of fraud"),
    "leaving": lazy_gettext("Wants to leave"),
    "repeat": lazy_gettext("Has asked before"),
    "vulnerable": lazy_gettext("Needs special care"),
    "public": lazy_gettext("Goes public"),
    "deadline": lazy_gettext("A date is near"),
}
URGENCIES = {
    "low": lazy_gettext("Not in a hurry"),
    "normal": lazy_gettext("Not urgent"),
    "high": lazy_gettext("Cannot wait"),
}
LANGUAGES = {
    "es": lazy_gettext("Spanish"),
    "pt": lazy_gettext("Portuguese"),
    "en": lazy_gettext("English"),
}
# The titles of `voc verify`, word for word.
INVARIANTS = {
    "What was accepted is stored for good.": lazy_gettext("What was accepted is stored for good."),
    "Everybody is counted once.": lazy_gettext("Everybody is counted once."),
    "Nothing was dropped in silence.": lazy_gettext("Nothing was dropped in silence."),
    "Nobody who is unhappy was left behind.": lazy_gettext("Nobody who is unhappy was left behind."),
    "Somebody answers for every case.": lazy_gettext("Somebody answers for every case."),
    "Every clock is right.": lazy_gettext("Every clock is right."),
    "Every answer was said once.": lazy_gettext("Every answer was said once."),
    "What customers took back is gone.": lazy_gettext("What customers took back is gone."),
    "Every reference leads somewhere.": lazy_gettext("Every reference leads somewhere."),
}


def queue_word(queue: Queue) -> str:
    """The name of a queue."""
    return str(QUEUES[queue])


def priority_word(priority: str) -> str:
    """A priority, in lower case."""
    return str(PRIORITIES[Priority(priority)])


def clock_word(kind: str) -> str:
    """The name of a clock."""
    return str(CLOCKS[ClockKind(kind)])


def label_word(label: str | None) -> str:
    """How a text reads: negative, neutral, positive or not determined."""
    return str(LABELS.get(label or "unknown", LABELS["unknown"]))


def said_word(label: str | None) -> str:
    """How somebody speaks of a topic: complains, mentions it, praises it."""
    return str(SAID.get(label or "unknown", SAID["unknown"]))


def risk_word(kind: str) -> str:
    """The name of a risk; an unknown kind is shown as it is."""
    return str(RISKS.get(kind, kind))


def urgency_word(grade: str) -> str:
    """How urgent a text sounds; an unknown grade is shown as it is."""
    return str(URGENCIES.get(grade, grade))


def language_word(code: str | None) -> str:
    """The name of a language in the reader's language."""
    if code is None:
        return _("language not determined")
    return str(LANGUAGES.get(code, code))


def certainty(probability: float | None) -> str:
    """A probability with two digits in the reader's way, or nothing."""
    return "" if probability is None else str(format_decimal(probability, format="0.00"))


def number_words(number: int) -> str:
    """A whole number as the reader's language groups its digits."""
    return str(format_decimal(number))
