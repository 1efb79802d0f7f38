"""Walking over every feedback, and over every receipt that has an identity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from voc.cases.clock import Sla
from voc.core.vocabulary import Door
from voc.customers.identify import proven
from voc.model import Feedback, Receipt
from voc.pipeline.verify.check import Scope, rules
from voc.pipeline.verify.holes import Holes
from voc.pipeline.verify.snapshot import Open, chunks
from voc.pipeline.verify.voices import queries
from voc.pipeline.verify.voices.queries import AnyRow, Voice
from voc.pipeline.verify.voices.rules import broken
from voc.security.keys import Keys

IDENTITY_RULES = rules(
    """
    receipt.unkeyed I2 A receipt has lost the key that tells a repeat: sent once more it would be counted twice.
        Restore the delivery key from a backup.
    key.content I2 A delivery key does not fit its receipt: a repeat would be answered wrongly.
        Restore the delivery key from a backup.
    """
)


def walk_feedback(opened: Open, scope: Scope, holes: Holes, slas: Mapping[UUID, Sla], keys: Keys | None) -> None:
    """Apply every rule of one feedback to all of them."""
    for session, ids in chunks(opened, Feedback.id, scope.since):
        for feedback_id, rule in _broken(session, ids, slas, keys):
            holes.add(rule, feedback_id)


def _broken(
    session: Session, ids: Sequence[UUID], slas: Mapping[UUID, Sla], keys: Keys | None
) -> Iterator[tuple[UUID, str]]:
    found = queries.voices(session, ids)
    customers = _customers(session, found, keys) if keys is not None else {}
    for voice in found:
        for rule in broken(voice, slas, customers):
            yield voice.row.id, rule


def _customers(session: Session, found: Iterable[Voice], keys: Keys) -> dict[UUID, frozenset[UUID | None]]:
    """Whom each processed feedback may belong to: one of those who have or had an identity that its author proved;
    without a proof nobody."""
    proofs = {voice.row.id: [proof.key for proof in proven(keys, voice.row.author)] for voice in found}
    owners = queries.owners(session, [key for wanted in proofs.values() for key in wanted])
    nobody: frozenset[UUID | None] = frozenset({None})
    return {
        feedback_id: frozenset(owner for key in wanted for owner in owners.get(key, ())) if wanted else nobody
        for feedback_id, wanted in proofs.items()
    }


def walk_receipts(opened: Open, scope: Scope, holes: Holes, keys: Keys) -> None:
    """Compute the identity of every delivery again and look for its key."""
    for session, ids in chunks(opened, Receipt.id, scope.since):
        expected: dict[bytes, tuple[AnyRow, bytes | None]] = {}
        for row in queries.deliveries(session, ids):
            key = _key_of(row, keys)
            if key is not None:
                expected[key] = (row, hashlib.sha256(row.body).digest() if row.body is not None else None)
            elif row.door == Door.FORM:
                holes.add("receipt.unkeyed", row.id)
        found = queries.delivery_keys(session, list(expected))
        for key, (row, content) in expected.items():
            if key not in found:
                holes.add("receipt.unkeyed", row.id)
            elif not _fits(found[key], row, content):
                holes.add("key.content", row.id)


def _key_of(row: AnyRow, keys: Keys) -> bytes | None:
    """The key that this delivery was accepted under (`voc.intake.submit`, the API's `Idempotency-Key`)."""
    if row.delivery_id is None or row.door not in (Door.FORM, Door.API):
        return None
    return keys.hash(row.door, row.channel_id.bytes, row.delivery_id)


def _fits(key: AnyRow, row: AnyRow, content: bytes | None) -> bool:
    return (
        key.receipt_id == row.id
        and key.created_at == row.received_at
        and (content is None or bytes(key.content_hash) == content)
        and (key.feedback_id is not None) == (row.door == Door.API)
    )
