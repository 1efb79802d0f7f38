"""Leaving: who does not want to be asked is not asked again, by any survey of this house."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from voc.audit import audit
from voc.core.errors import NotFound
from voc.model import Invitation, Suppression
from voc.surveys import queries


def leave(session: Session, invitation_id: UUID, *, now: datetime) -> None:
    """Ask the person of this invitation no more; doing it twice is doing it once. Raises NotFound."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound
    # Of two requests at once, for whichever invitations of this person, the second one finds what the first did.
    queries.of_person_for_update(session, invitation.address_hash)
    if session.get(Suppression, invitation.address_hash) is not None:
        return
    session.add(Suppression(address_hash=invitation.address_hash, invitation_id=invitation_id, created_at=now))
    audit(session, actor_id=None, action="survey.left", subject_id=invitation_id, now=now)
