"""Walking over every invitation: its states, its answer, and whether it went to somebody who had left."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from voc.core.vocabulary import InvitationState as State
from voc.model import Invitation
from voc.pipeline.verify.asking import queries
from voc.pipeline.verify.asking.queries import AnyRow
from voc.pipeline.verify.check import GRACE, Scope, rules
from voc.pipeline.verify.holes import Holes
from voc.pipeline.verify.snapshot import Open, chunks
from voc.security.keys import Keys
from voc.surveys import queries as surveys
from voc.surveys.address import address_hash
from voc.surveys.answering import delivery_key, submission_of
from voc.surveys.states import OPEN

RULES = rules(
    """
    invitation.answer I2 An invitation shows another answer than the one that is stored under its identity.
        Restore it from a backup.
    invitation.unmarked I2 The answer to an invitation is stored and the invitation does not show it.
        While `voc serve` runs it is marked within ten minutes; start it.
    invitation.person I2 An invitation belongs to another person than its address says: whoever left could be asked.
        Restore it from a backup.
    invitation.state I7 An invitation contradicts itself: what its state says and when it was mailed do not agree.
        Restore it from a backup.
    invitation.left I7 Somebody was mailed a survey after asking for no more.
        The links in that mail still work; apologize.
    """
)


def walk_invitations(opened: Open, scope: Scope, holes: Holes, keys: Keys) -> None:
    """Apply every rule of one invitation to all of them."""
    for session, ids in chunks(opened, Invitation.id, scope.since):
        rows = queries.invitations(session, ids)
        wanted = {row.id: delivery_key(keys, row.channel_id, submission_of(row.id)) for row in rows}
        stored = surveys.receipts_by_key(session, list(wanted.values()))
        for row in rows:
            receipt_id = stored[wanted[row.id]][0] if wanted[row.id] in stored else None
            for rule in broken(row, receipt_id, address_hash(keys, row.email)):
                holes.add(rule, row.id)


def broken(row: AnyRow, receipt_id: UUID | None, person: bytes) -> Iterator[str]:
    """Keys of the rules that this invitation breaks. `receipt_id` is what is stored under its identity, `person` the
    hash of its address."""
    if receipt_id != row.receipt_id:
        yield "invitation.unmarked" if row.receipt_id is None else "invitation.answer"
    if bytes(row.address_hash) != person:
        yield "invitation.person"
    if not _agrees(row):
        yield "invitation.state"
    if row.left_at is not None and row.begun_at is not None and row.begun_at > row.left_at + GRACE:
        yield "invitation.left"


def _agrees(row: AnyRow) -> bool:
    """Whether state, moments and the number of mails go together."""
    state = State(row.state)
    mailed = (row.mails > 0, row.sent_at is not None, row.last_sent_at is not None)
    answered = (state is State.ANSWERED, row.answered_at is not None, row.receipt_id is not None)
    return (
        len(set(mailed)) == 1
        and len(set(answered)) == 1
        and (row.mails == 0 or (row.begun_at is not None and row.sent_at <= row.last_sent_at))
        and (state is not State.SENT or row.mails > 0)
        and (state not in (State.PLANNED, State.REFUSED, State.FAILED) or row.mails == 0)
        and (state in OPEN or row.next_at is None)
        and (state is not State.SENDING or row.begun_at is not None)
    )
