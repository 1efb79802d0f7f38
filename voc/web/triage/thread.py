"""The conversation of a case in the order it happened: words of the customer, answers, notes, events. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from voc.cases.views import CaseView, FeedbackView, HappenedView, MessageView, NoteView

Kind = Literal["feedback", "message", "note", "happened"]

# Events that a message or a feedback in the thread says already.
_SAID_ELSEWHERE = frozenset({"answer_queued", "answered", "answer_failed", "joined"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the thread."""

    kind: Kind
    at: datetime
    item: FeedbackView | MessageView | NoteView | HappenedView


@dataclass(frozen=True, slots=True)
class Latest:
    """The last thing somebody did: for telling a colleague who was faster."""

    at: datetime
    name: str
    answered: bool


def thread(view: CaseView) -> list[Entry]:
    """Everything in order, oldest first; at the same moment the customer's words come first."""
    entries = [
        *(Entry("feedback", item.received_at, item) for item in view.feedback),
        *(Entry("message", item.created_at, item) for item in view.messages),
        *(Entry("note", item.created_at, item) for item in view.notes),
        *(Entry("happened", item.at, item) for item in view.happened if item.kind not in _SAID_ELSEWHERE),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def latest(view: CaseView) -> Latest | None:
    """The newest act of a person on the case, or None; whoever was told of a missed deadline did nothing yet."""
    acts = [
        *(Latest(item.created_at, item.author_name, True) for item in view.messages),
        *(
            Latest(item.at, item.actor_name, False)
            for item in view.happened
            if item.actor_name and item.kind != "escalated"
        ),
    ]
    # An answer and the event it leaves have one moment: it is told as the answer.
    return max(acts, key=lambda act: (act.at, act.answered), default=None)
