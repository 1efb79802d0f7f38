"""Finding out who said it. Only a verified identity joins a history; what somebody typed is a contact point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.core.vocabulary import IdentityKind, IdentitySource
from voc.customers import queries
from voc.customers.normalize import email, name_key, normalize, phone
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.model import ContactPoint, Customer, Identity, PossibleDuplicate
from voc.security.keys import Keys

Author = Mapping[str, Any]
# (kind, keyed hash): by what an identity is found.
Key = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a feedback belongs to; both None for somebody who left nothing."""

    customer_id: UUID | None
    contact_point_id: UUID | None


@dataclass(frozen=True, slots=True)
class Proof:
    """One verified identity of an author, as it is compared."""

    kind: IdentityKind
    value: str
    key: Key


@dataclass(slots=True)
class _New:
    """What a batch adds. `numbered`: who has an id of the company's own system already."""

    numbered: set[UUID]
    customers: list[dict[str, Any]] = field(default_factory=list)
    identities: list[dict[str, Any]] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)
    pairs: dict[tuple[UUID, UUID], UUID] = field(default_factory=dict)


def identify(
    session: Session, keys: Keys, authors: Sequence[tuple[UUID, Author | None, str | None]], *, now: datetime
) -> dict[UUID, Who]:
    """Who stands behind each (feedback id, author as stored by intake, language); writes what is new, in bulk.

    Several verified identities of one author are attached to the same customer. When they belong to different
    customers already, the strongest decides (`IdentityKind` is in that order), the pair is kept as a possible
    duplicate, and nobody is joined.
    """
    proofs = {feedback_id: proven(keys, author) for feedback_id, author, _ in authors}
    known = queries.customers_by_identity(session, [proof.key for found in proofs.values() for proof in found])
    new = _New(numbered=_numbered(session, proofs.values(), known))
    who: dict[UUID, Who] = {}
    for feedback_id, author, language in authors:
        customer_id = _customer(known, new, proofs[feedback_id], feedback_id, author or {}, language, now)
        who[feedback_id] = Who(customer_id, _contact_point(new, author, now))
    connection = session.connection()
    bulk_insert(connection, table_of(Customer), new.customers)
    bulk_insert(connection, table_of(Identity), new.identities)
    bulk_insert(connection, table_of(ContactPoint), new.points)
    _keep_pairs(session, new, now)
    return who


def proven(keys: Keys, author: Author | None) -> list[Proof]:
    """The verified identities of an author, the strongest first.

    `verified` may be a list of kinds. True means what the door itself proved: the company's own id when there is
    one (an address beside it was only passed on), else every address and name there is.
    """
    verified = (author or {}).get("verified")
    if not author or not verified:
        return []
    if verified is True:
        kinds = set(IdentityKind)
        if author.get(IdentityKind.EXTERNAL_ID):
            kinds = {IdentityKind.EXTERNAL_ID}
    else:
        kinds = {kind for kind in IdentityKind if kind.value in verified}
    found = []
    for kind in IdentityKind:
        value = normalize(kind, _text(author.get(kind.value))) if kind in kinds else None
        if value is not None:
            found.append(Proof(kind, value, identity_key(keys, kind, value)))
    return found


def identity_key(keys: Keys, kind: IdentityKind, value: str) -> Key:
    """By what an identity is found; `value` is normalized."""
    return kind.value, keys.hash("identity", kind.value, value)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _customer(
    known: dict[Key, UUID],
    new: _New,
    proofs: Sequence[Proof],
    feedback_id: UUID,
    author: Author,
    language: str | None,
    now: datetime,
) -> UUID | None:
    """The customer of these proofs, a new one when nobody is known by any of them."""
    if not proofs:
        return None
    owners = list(dict.fromkeys(known[proof.key] for proof in proofs if proof.key in known))
    fresh_number = proofs[0].kind is IdentityKind.EXTERNAL_ID and proofs[0].key not in known
    if owners and not (fresh_number and owners[0] in new.numbered):
        customer_id = owners.pop(0)
    else:
        # Nobody is known; or whoever has the address has another number in the company's own system: a family, a
        # shared mailbox. These are two customers until a person says otherwise.
        customer_id = new_id()
        new.customers.append(_customer_row(customer_id, author.get("name"), language, now))
    for other_id in owners:
        new.pairs.setdefault((min(customer_id, other_id), max(customer_id, other_id)), feedback_id)
    for proof in proofs:
        if proof.key not in known:
            known[proof.key] = customer_id
            new.identities.append(_identity_row(customer_id, proof, now))
            if proof.kind is IdentityKind.EXTERNAL_ID:
                new.numbered.add(customer_id)
    return customer_id


def _numbered(session: Session, proofs: Iterable[Sequence[Proof]], known: Mapping[Key, UUID]) -> set[UUID]:
    """Who among the known has an id of the company's own system; asked only where several proofs could meet."""
    met = {known[proof.key] for found in proofs if len(found) > 1 for proof in found if proof.key in known}
    return queries.holders(session, IdentityKind.EXTERNAL_ID.value, list(met)) if met else set()


def _customer_row(customer_id: UUID, name: str | None, language: str | None, now: datetime) -> dict[str, Any]:
    return {
        "id": customer_id,
        "version": 1,
        "name": name,
        "name_key": name_key(name),
        "language": language,
        "preferred_channel": None,
        "segment": None,
        "value": None,
        "created_at": now,
    }


def _identity_row(customer_id: UUID, proof: Proof, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "customer_id": customer_id,
        "kind": proof.kind.value,
        "value": proof.value,
        "value_hash": proof.key[1],
        "source": IdentitySource.CHANNEL,
        "verified_by": None,
        "created_at": now,
        "detached_at": None,
        "detached_by": None,
    }


def _contact_point(new: _New, author: Author | None, now: datetime) -> UUID | None:
    """A contact point of what was typed; None when nothing was."""
    if not author or not any(author.get(name) for name in ("name", "email", "phone")):
        return None
    point_id = new_id()
    new.points.append(
        {
            "id": point_id,
            "name": author.get("name"),
            "email": author.get("email"),
            "phone": author.get("phone"),
            "email_key": email(author.get("email")),
            "phone_key": phone(author.get("phone")),
            "created_at": now,
        }
    )
    return point_id


def _keep_pairs(session: Session, new: _New, now: datetime) -> None:
    """Possible duplicates, each pair once for ever: what a person has settled is not asked again."""
    told = queries.pairs(session, list(new.pairs))
    rows = [
        {
            "id": new_id(),
            "customer_id": pair[0],
            "other_id": pair[1],
            "feedback_id": feedback_id,
            "created_at": now,
            "settled_at": None,
            "settled_by": None,
        }
        for pair, feedback_id in new.pairs.items()
        if pair not in told
    ]
    bulk_insert(session.connection(), table_of(PossibleDuplicate), rows)
