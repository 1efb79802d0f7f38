"""The way of one message in four steps, as its writer sees it: what was done, what comes next, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from flask_babel import gettext

from voc.web.i18n import spoken

if TYPE_CHECKING:
    from voc.pipeline.queries import StatusView

Mark = Literal["done", "now", "later"]
# How many of the four steps lie behind in each state.
_BEHIND = {"received": 1, "in_hand": 2, "answered": 3, "resolved": 4}


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `detail` may be empty."""

    mark: Mark
    title: str
    detail: str = ""


def steps(view: StatusView, now: datetime, *, known: bool) -> tuple[Step, ...]:
    """The way of `view` at `now`; names only when the reader is `known`. Lateness is said, with its date.

    A message that nobody promised an answer to (praise) is received and read, and that is all of its way.
    """
    behind = _BEHIND[str(view.state)]
    lines = [(gettext("We received your message"), spoken(view.received_at))]
    if behind == 1 and view.due_at is None:
        lines.append((gettext("A person reads it"), ""))
    else:
        lines += [
            (gettext("A person took it") if behind > 1 else gettext("A person takes it"), _taken(view, behind, known)),
            (gettext("We answered you") if behind > 2 else gettext("We answer you"), _answered(view, behind, now)),
            (gettext("It was resolved") if behind > 3 else gettext("It is resolved"), _when(view.resolved_at)),
        ]
    return tuple(Step(_mark(number, behind), title, detail) for number, (title, detail) in enumerate(lines))


def _mark(number: int, behind: int) -> Mark:
    if number < behind:
        return "done"
    return "now" if number == behind else "later"


def _taken(view: StatusView, behind: int, known: bool) -> str:
    return view.owner_name if known and behind >= 2 and view.owner_name else ""


def _answered(view: StatusView, behind: int, now: datetime) -> str:
    """When we answered; else until when we do, or since when that is over."""
    if behind >= 3 or view.due_at is None:
        return _when(view.answered_at)
    if view.due_at < now:
        return str(gettext("We are late: our deadline was %(when)s.", when=spoken(view.due_at)))
    return str(gettext("At the latest on %(when)s.", when=spoken(view.due_at)))


def _when(moment: datetime | None) -> str:
    return spoken(moment) if moment else ""
