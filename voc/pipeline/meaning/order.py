"""Ordering that the meaning of feedback is made: a few ids in one row of work, only where the setting asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.embedding.encoder import installed
from voc.core.settings import Settings
from voc.jobs import enqueue

KIND = "pipeline.meaning"
AT_ONCE = 16


def is_on(settings: Settings) -> bool:
    """Whether meanings are made here: the setting asks for it and the package is there."""
    return settings.embeddings and installed()


def order_meaning(session: Session, settings: Settings, ids: Sequence[UUID], *, now: datetime) -> None:
    """Have the meaning of these made once there is time for it."""
    if not is_on(settings):
        return
    for start in range(0, len(ids), AT_ONCE):
        chunk = [str(feedback_id) for feedback_id in ids[start : start + AT_ONCE]]
        enqueue(session, KIND, subject_id=None, now=now, data={"ids": chunk})
