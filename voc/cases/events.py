"""Facts that cases report."""

from __future__ import annotations

from dataclasses import dataclass

from voc.jobs import Event


@dataclass(frozen=True, slots=True)
class CaseOpened(Event):
    """A case was opened; `subject_id` is the case."""

    name = "case.opened"


@dataclass(frozen=True, slots=True)
class CaseResolved(Event):
    """A case was resolved; `subject_id` is the case."""

    name = "case.resolved"
