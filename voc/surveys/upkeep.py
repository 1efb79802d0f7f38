"""What comes round: mails that fall due, answers that were stored and not marked, time that is over, lost work."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from voc.core.settings import Settings
from voc.db import Database
from voc.delivery.memory import memory_of
from voc.delivery.outcome import ABANDONED
from voc.net.smtp import Unreachable
from voc.security.keys import Keys
from voc.surveys import answering, moves, queries
from voc.surveys.feed import feed

log = logging.getLogger(__name__)

_CHUNK = 500
# An answer that came in the last moment is still found when its invitation has expired.
_LATE = timedelta(days=2)


class Context(Protocol):
    """What upkeep needs of the runtime."""

    settings: Settings
    db: Database
    keys: Keys


def let_go(context: Context, now: datetime) -> None:
    """Queue the next mails that are due; nothing while the mail server is left alone."""
    try:
        memory_of(context.db).require_server(now)
    except Unreachable:
        return
    with context.db.reading() as session:
        if not queries.due(session, now, 1):
            return
    with context.db.writing(patience=30) as session:
        feed(session, now=now)


def keep_up(context: Context, now: datetime) -> None:
    """Mark what was answered, end what is over, fail what was abandoned: in this order, so that answers win."""
    mark_stored(context, now)
    _expire(context, now)
    _fail_abandoned(context)


def mark_stored(context: Context, now: datetime) -> int:
    """Mark every invitation whose answer is stored: whoever answers is told so before the mark, and the process may
    have ended in between. Returns how many."""
    after: UUID | None = None
    found = 0
    while True:
        with context.db.reading() as session:
            chunk = queries.unmarked(session, after, now - _LATE, _CHUNK)
            if not chunk:
                return found
            wanted = {}
            for asked in queries.channels_of(session, chunk):
                submission = answering.submission_of(asked.id)
                wanted[answering.delivery_key(context.keys, asked.channel_id, submission)] = asked.id
            stored = queries.receipts_by_key(session, list(wanted))
        if stored:
            with context.db.writing(patience=30) as session:
                for key, (receipt_id, at) in stored.items():
                    found += answering.mark_answered(session, wanted[key], receipt_id=receipt_id, at=at)
        after = chunk[-1]


def _expire(context: Context, now: datetime) -> None:
    while True:
        with context.db.reading() as session:
            if not queries.expired(session, now, 1):
                return
        with context.db.writing(patience=30) as session:
            for invitation_id in queries.expired(session, now, _CHUNK):
                if invitation := queries.by_id_for_update(session, invitation_id):
                    moves.expire(invitation)


def _fail_abandoned(context: Context) -> None:
    """What is in hand without work behind it (the worker died at every try) has failed, with the reason that stood in
    quarantine."""
    with context.db.reading() as session:
        if not queries.abandoned(session, 1):
            return
    with context.db.writing(patience=30) as session:
        for row in queries.abandoned(session):
            log.warning("invitation was abandoned", extra={"invitation_id": str(row.id)})
            if invitation := queries.by_id_for_update(session, row.id):
                moves.give_up(invitation, reason=f"{ABANDONED}: {row.error}" if row.error else ABANDONED)
                moves.forget_quarantined(session, row.id)
