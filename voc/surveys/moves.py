"""Taking an invitation from state to state, in the caller's transaction: `states.after` applied to the row.

Each takes the row as held for update and says whether the step meant anything.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.vocabulary import WorkState
from voc.model import Invitation, Work
from voc.surveys.policy import Rules, next_mail_at
from voc.surveys.queries import SEND_KIND
from voc.surveys.states import Step, after


def begin(invitation: Invitation, *, now: datetime) -> bool:
    """A try begins; committed before anybody talks to the mail server."""
    if not _step(invitation, Step.BEGIN):
        return False
    invitation.begun_at, invitation.next_at = now, None
    invitation.asked_at = invitation.asked_at or now
    return True


def taken(invitation: Invitation, *, at: datetime, rules: Rules) -> bool:
    """The server took a mail at `at`: counted whatever happened meanwhile; what is still open waits for a reminder."""
    moved = _step(invitation, Step.TAKEN)
    invitation.mails += 1
    invitation.sent_at = invitation.sent_at or at
    invitation.last_sent_at = at
    invitation.asked_at = invitation.asked_at or at
    if moved:
        invitation.reason = None
        invitation.next_at = next_mail_at(
            rules, sent_at=invitation.sent_at, mails=invitation.mails, expires_at=invitation.expires_at
        )
    return moved


def put_off(invitation: Invitation, *, reason: str | None, next_at: datetime | None) -> bool:
    """Not now. `next_at` None when work for a further try is waiting."""
    if not _step(invitation, Step.PUT_OFF):
        return False
    invitation.reason, invitation.next_at = reason, next_at
    return True


def refuse(invitation: Invitation, *, reason: str) -> bool:
    """The contact policy says no; kept with the reason. A reminder that is refused was the last one."""
    return _end(invitation, Step.REFUSE, reason)


def give_up(invitation: Invitation, *, reason: str) -> bool:
    """It is not tried again. Who never got a mail was not asked: another survey may ask."""
    if not _end(invitation, Step.GIVE_UP, reason):
        return False
    if invitation.mails == 0:
        invitation.asked_at = None
    return True


def expire(invitation: Invitation) -> bool:
    """Its time has passed."""
    return _end(invitation, Step.EXPIRE, invitation.reason)


def answer(invitation: Invitation, *, receipt_id: UUID, at: datetime) -> bool:
    """The person answered: the receipt is stored already. Whoever comes second changes nothing."""
    if not _end(invitation, Step.ANSWER, None):
        return False
    invitation.answered_at, invitation.receipt_id = at, receipt_id
    return True


def forget_quarantined(session: Session, invitation_id: UUID) -> None:
    """Take the invitation's work out of quarantine for good: from now on its own state says what became of it."""
    session.execute(
        delete(Work)
        .where(Work.kind == SEND_KIND, Work.subject_id == invitation_id, Work.state == WorkState.QUARANTINED)
        .execution_options(synchronize_session=False)
    )


def _end(invitation: Invitation, step: Step, reason: str | None) -> bool:
    if not _step(invitation, step):
        return False
    invitation.reason, invitation.next_at = reason, None
    return True


def _step(invitation: Invitation, step: Step) -> bool:
    state = after(invitation.state, step, mails=invitation.mails)
    if state is None:
        return False
    invitation.state = state
    return True
