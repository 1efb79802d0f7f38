"""Looking for the topics of a text again, with everything else that was understood of it kept as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from voc.analysis.clauses import Piece
from voc.analysis.folding import fold, tokens
from voc.analysis.result import Analysis, Span
from voc.analysis.run import ANALYZED_CHARACTERS, KEPT_EVIDENCE, opinions_of
from voc.analysis.taxonomy import Taxonomy


def retag(text: str, stored: Mapping[str, Any], taxonomy: Taxonomy) -> dict[str, Any]:
    """The stored analysis of a text with the topics that this taxonomy finds; equal to it when nothing changed.

    Raises KeyError, TypeError or ValueError on what is no analysis.
    """
    before = Analysis.from_dict(stored)
    pieces = [Piece(clause.start, clause.end) for clause in before.clauses]
    folded = fold(text[:ANALYZED_CHARACTERS])
    hits = taxonomy.spoken_of(folded, before.language, tokens(folded), pieces)
    kept = [span for span in before.evidence if span.kind != "topic"]
    kept += [Span(hit.start, hit.end, "topic", hit.key) for hit in hits]
    evidence = tuple(sorted(kept[:KEPT_EVIDENCE], key=lambda span: (span.start, span.end)))
    return replace(before, opinions=opinions_of(hits, before.clauses, before.sentiment), evidence=evidence).to_dict()
