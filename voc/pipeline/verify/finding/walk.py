"""Walking over every feedback: the words and facets in the index are computed again."""

from __future__ import annotations

from voc.model import Feedback
from voc.pipeline.verify.check import Scope, rules
from voc.pipeline.verify.holes import Holes
from voc.pipeline.verify.snapshot import Open, chunks
from voc.search.index import stale

RULES = rules(
    """
    search.stale integrity A feedback stands in the index with other words, stance, language or day than it has.
        Correct its stance, and it is entered again.
    """
)


def walk_index(opened: Open, scope: Scope, holes: Holes) -> None:
    """Compare every entry of the index with its feedback."""
    for session, ids in chunks(opened, Feedback.id, scope.since):
        for feedback_id in stale(session, ids):
            holes.add("search.stale", feedback_id)
