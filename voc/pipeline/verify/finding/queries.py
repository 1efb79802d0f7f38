"""Statements about the full-text index. While the worker fills it, what is missing is no hole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select

from voc.pipeline.verify.check import Scope, check
from voc.search.queries import filling, missing, superfluous


@check("search.missing", "integrity", quick=False)
def search_missing(scope: Scope) -> Select[Any]:
    """A feedback was understood and cannot be found by searching. While `voc serve` runs it can within half a day;
    start it."""
    return missing().where(~filling())


@check("search.superfluous", "integrity", quick=False)
def search_superfluous(scope: Scope) -> Select[Any]:
    """Something can be found that is no feedback, or none that was understood. While `voc serve` runs it is taken out
    within half a day; start it."""
    return superfluous().where(~filling())


CHECKS = (search_missing, search_superfluous)
