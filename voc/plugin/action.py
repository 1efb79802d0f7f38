"""What a rule can do beyond what the house does by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voc.plugin.channel import Context
from voc.plugin.facts import CaseFacts, CustomerFacts, FeedbackFacts
from voc.plugin.offer import Offer


@dataclass(frozen=True, slots=True)
class Deed:
    """One time that a rule acts. `id` is the same at every try; `values` are those the rule gives to the action's
    options, checked. It is done after the rule's own decision is stored, and cannot change it."""

    id: str
    rule: str
    values: Mapping[str, Any]
    feedback: FeedbackFacts
    case: CaseFacts | None = None
    customer: CustomerFacts | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """It is done; `text` is one sentence for the record of the case, empty for none."""

    text: str = ""


class Action(Offer):
    """One thing a rule can do; `options` are what the rule's author fills in."""

    def run(self, ctx: Context, deed: Deed) -> Done:
        """Do it. Called again with the same `deed.id` after a failure whose outcome is not known.

        Raise TryLater, Misconfigured, or Undeliverable when this deed can never be done.
        """
        raise NotImplementedError(f"action {self.name!r} does nothing")
