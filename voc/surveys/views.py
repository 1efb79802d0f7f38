"""What screens and commands see of surveys: plain values, nothing that loads itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from voc.core.vocabulary import InvitationState, Metric, Stance


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """One survey in the list. `metric` None until its form was computed; `answers` count the public link too."""

    id: UUID
    name: str
    slug: str
    active: bool
    health: str
    metric: Metric | None
    invited: int
    answered: int
    answers: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What became of the invitations of one survey. `mailed` got at least one mail, `left` asked for no more."""

    states: Mapping[InvitationState, int]
    mailed: int
    answered: int
    left: int

    @property
    def invited(self) -> int:
        """All of them."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Reason:
    """What somebody answered in words."""

    feedback_id: UUID
    text: str
    language: str | None
    score: int | None
    stance: Stance | None
    received_at: datetime
    name: str | None


@dataclass(frozen=True, slots=True)
class Unasked:
    """Somebody whom no mail reached, or none more: `reason` is a text for people with its detail after `: `."""

    email: str
    name: str | None
    state: InvitationState
    reason: str
    at: datetime
