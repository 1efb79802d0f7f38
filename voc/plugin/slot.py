"""A place on a page of the house that a plugin fills with data: the house draws it, no HTML comes from a plugin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from voc.plugin.channel import Context
from voc.plugin.facts import CaseFacts, CustomerFacts
from voc.plugin.offer import Offer

SlotPlace = Literal["case", "customer"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `label` and `value` as text; `link` is an https address; `tone` is said by word and colour."""

    label: str
    value: str
    link: str | None = None
    tone: Literal["plain", "good", "warning", "bad"] = "plain"


@dataclass(frozen=True, slots=True)
class Panel:
    """What stands in the slot: at most 20 rows, and one sentence above them. `until`: when it should be asked anew."""

    rows: tuple[Row, ...] = ()
    text: str = ""
    until: datetime | None = None


class Slot(Offer):
    """One panel at one `place`. It is filled in the worker when the case or customer changes or a person asks, is
    kept, and is shown with its age: a page never waits for a plugin."""

    place: SlotPlace = "case"

    def fill(self, ctx: Context, customer: CustomerFacts, case: CaseFacts | None) -> Panel | None:
        """What to show of this customer; None for nothing. Raise TryLater or Misconfigured."""
        raise NotImplementedError(f"slot {self.name!r} shows nothing")
