"""Trying a condition on real feedback before it is saved: how many it would have matched, and a few of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from voc.model import Feedback
from voc.routing import queries
from voc.routing.book import rule_book
from voc.routing.conditions import Condition
from voc.routing.facts import Known, facts_of, known_facts
from voc.routing.severity import hurt

SAMPLE = 1000
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A feedback that the condition matches, and the values that it looked at."""

    feedback: Feedback
    language: str | None
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """`matched` of the newest `asked` feedback."""

    asked: int
    matched: int
    examples: tuple[Example, ...]

    @property
    def everything(self) -> bool:
        """Whether it matches whatever there is: usually a mistake."""
        return self.asked > 0 and self.matched == self.asked


def try_condition(session: Session, condition: Condition) -> Trial:
    """Ask the condition about the newest 1,000 feedback, with the tags they have now; writes nothing."""
    rows = queries.newest(session, SAMPLE)
    zone = rule_book(session).zone
    tags = queries.tags_of(session, [row.Feedback.id for row in rows]) if "tags" in condition.names else {}
    matched = 0
    examples: list[Example] = []
    for row in rows:
        facts = facts_of_row(row, zone=zone, tags=tags.get(row.Feedback.id, set()))
        if not condition.test(facts):
            continue
        matched += 1
        if len(examples) < EXAMPLES:
            examples.append(Example(row.Feedback, facts["language"], condition.why(facts)))
    return Trial(len(rows), matched, tuple(examples))


def facts_of_row(row: queries.AnyRow, *, zone: Any, tags: set[str]) -> Known:
    """The facts of a row of `queries.voices`."""
    feedback: Feedback = row.Feedback
    return known_facts(
        feedback,
        analysis=row.result,
        stance=feedback.stance,
        mixed=feedback.mixed,
        hurt=hurt(facts_of(feedback, row.result)),
        around=queries.around_of(row, feedback.customer_id),
        zone=zone,
        tags=tags,
    )
