"""The answer: the score at once, the words afterwards. Both are receipts of their own, durable before the next page.

The identity of an answer is the invitation itself, or the one-time id of a page that was opened by the public link
(I2). Words that come later carry an identity of their own and say which answer they add to, so that whoever closes
the second page leaves a score behind, and whoever fills it in is still one voice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.intake.incoming import Accepted
from voc.intake.submit import submit
from voc.intake.writer import Writer
from voc.security.keys import Keys
from voc.surveys import moves, queries
from voc.surveys.queries import Asked

_INVITED = "invitation-"
_WORDS = ".words"


def submission_of(invitation_id: UUID) -> str:
    """The submission id of whatever this person answers."""
    return _INVITED + invitation_id.hex


def words_of(submission_id: str) -> str:
    """The submission id of the words that are added to an answer."""
    return submission_id + _WORDS


def delivery_key(keys: Keys, channel_id: UUID, submission_id: str) -> bytes:
    """The key under which intake knows this submission (`voc.intake.submit`)."""
    return keys.hash("form", channel_id.bytes, submission_id)


def invited(asked: Asked) -> dict[str, Any]:
    """What we know of whoever answers: we wrote to this address, and the answer came through the link in it."""
    return {
        "invitation": asked.id.hex,
        "email": asked.email,
        "name": asked.name,
        "external_id": asked.external_id,
        "facts": dict(asked.facts),
    }


def give_score(
    writer: Writer,
    keys: Keys,
    *,
    channel_id: UUID,
    submission_id: str,
    form_version: int,
    language: str,
    values: Mapping[str, Any],
    now: datetime,
    asked: Asked | None = None,
    robot: str | None = None,
) -> Accepted:
    """Store the score and return when it is durable. Raises Conflict when this person gave another one before, Busy
    when the database cannot be written now."""
    return submit(
        writer,
        keys,
        channel_id=channel_id,
        submission_id=submission_id,
        form_version=form_version,
        language=language,
        values=values,
        now=now,
        robot=robot,
        beside={"invited": invited(asked)} if asked else None,
    )


def add_words(
    writer: Writer,
    keys: Keys,
    *,
    channel_id: UUID,
    submission_id: str,
    form_version: int,
    language: str,
    values: Mapping[str, Any],
    now: datetime,
    robot: str | None = None,
) -> Accepted:
    """Store the words that belong to the score of `submission_id`. Raises Conflict when others were added before."""
    return submit(
        writer,
        keys,
        channel_id=channel_id,
        submission_id=words_of(submission_id),
        form_version=form_version,
        language=language,
        values=values,
        now=now,
        robot=robot,
        beside={"adds_to": submission_id},
    )


def score_in(body: bytes | None, field: str) -> int | None:
    """The score in a stored submission; None when its body is not kept any more."""
    values = json.loads(body).get("values", {}) if body else {}
    score = values.get(field)
    return score if isinstance(score, int) else None


def robot_in(body: bytes | None) -> str | None:
    """Why a stored submission was a robot's; None for a person's."""
    said = json.loads(body).get("robot") if body else None
    return str(said) if said else None


def mark_answered(session: Session, invitation_id: UUID, *, receipt_id: UUID, at: datetime) -> bool:
    """Write down that the invitation was answered; False when it was already. The receipt is the truth."""
    invitation = queries.by_id_for_update(session, invitation_id)
    return invitation is not None and moves.answer(invitation, receipt_id=receipt_id, at=at)
