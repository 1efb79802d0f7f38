"""SELECTs of the list of customers and of the head of a profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from voc.core.errors import NotFound
from voc.core.paging import Page, read_cursor, write_cursor
from voc.core.text import storable
from voc.core.vocabulary import CaseState, IdentityKind
from voc.customers.identify import identity_key
from voc.customers.normalize import name_key, normalize
from voc.customers.queries import customers_by_identity
from voc.customers.views import (
    CustomerRow,
    CustomerView,
    DuplicateView,
    IdentityView,
    OpenCase,
    SeenElsewhere,
)
from voc.db.types import Key, word
from voc.model import Case, Channel, ContactPoint, Customer, Feedback, Identity, PossibleDuplicate, User
from voc.security.access import Actor, require
from voc.security.keys import Keys

# Above every character, in the order of bytes.
_END = "\U0010ffff"
# The newest feedback whose typed addresses are compared, and how many hints are shown.
_ADDRESSES = 50
_HINTS = 5
_ORDER = {kind.value: place for place, kind in enumerate(IdentityKind)}


def customer_page(
    session: Session, keys: Keys, *, typed: str, viewer: Actor, after: str | None = None, limit: int = 50
) -> Page:
    """One page of customers: with nothing typed the newest first, else who has exactly this identity, and below
    those whose name begins so, by name. Raises Invalid when `after` is no key of this list."""
    require(viewer, "customer.view")
    typed = storable(typed)
    key = name_key(typed)
    if key is None:
        return _newest(session, after, limit)
    page = _by_name(session, key, after, limit)
    if after:
        return page
    exact = _by_identity(session, keys, typed)
    return Page((*exact, *(row for row in page.rows if row.id not in {found.id for found in exact})), page.next)


def _newest(session: Session, after: str | None, limit: int) -> Page:
    listed = "customers"
    statement = select(Customer).order_by(Customer.id.desc()).limit(limit + 1)
    if cursor := read_cursor(listed, after):
        statement = statement.where(Customer.id < cursor[1])
    found = session.scalars(statement).all()
    shown = found[:limit]
    more = write_cursor(listed, shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return Page(_rows(session, shown), more)


def _by_name(session: Session, key: str, after: str | None, limit: int) -> Page:
    listed = f"customers named {key}"
    statement = (
        select(Customer)
        .where(Customer.name_key >= key, Customer.name_key < key + _END)
        .order_by(Customer.name_key, Customer.id)
        .limit(limit + 1)
    )
    if cursor := read_cursor(listed, after):
        last = select(Customer.name_key).where(Customer.id == cursor[1]).scalar_subquery()
        place = tuple_(func.coalesce(last, key), literal(cursor[1], Key()))
        statement = statement.where(tuple_(Customer.name_key, Customer.id) > place)
    found = session.scalars(statement).all()
    shown = found[:limit]
    more = write_cursor(listed, shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return Page(_rows(session, shown), more)


def _by_identity(session: Session, keys: Keys, typed: str) -> tuple[CustomerRow, ...]:
    """Who has exactly what was typed, whichever kind of identity it is."""
    wanted = {
        identity_key(keys, kind, value): kind
        for kind in IdentityKind
        if (value := normalize(kind, typed.strip())) is not None
    }
    owners = customers_by_identity(session, list(wanted))
    by_id: dict[UUID, IdentityKind] = {}
    for key, customer_id in owners.items():
        by_id.setdefault(customer_id, wanted[key])
    if not by_id:
        return ()
    found = session.scalars(select(Customer).where(Customer.id.in_(by_id)).order_by(Customer.id)).all()
    return tuple(replace(row, found_by=by_id[row.id]) for row in _rows(session, found))


def customer_with(session: Session, keys: Keys, wanted: Mapping[IdentityKind, str], *, viewer: Actor) -> UUID | None:
    """The one customer who has all of these identities now; what is no identity of its kind is nobody's."""
    require(viewer, "customer.view")
    compared = {kind: normalize(kind, value) for kind, value in wanted.items()}
    hashes = [identity_key(keys, kind, value) for kind, value in compared.items() if value is not None]
    owners = customers_by_identity(session, hashes)
    found = set(owners.values())
    return found.pop() if len(found) == 1 and len(owners) == len(wanted) else None


def _rows(session: Session, customers: Sequence[Customer]) -> tuple[CustomerRow, ...]:
    strongest: dict[UUID, str] = {}
    rows = session.execute(
        select(Identity.customer_id, Identity.kind, Identity.value).where(
            Identity.customer_id.in_([item.id for item in customers]), Identity.detached_at.is_(None)
        )
    ).all()
    for row in sorted(rows, key=lambda row: _ORDER.get(row.kind, 9)):
        strongest.setdefault(row.customer_id, row.value)
    return tuple(
        CustomerRow(item.id, item.name, strongest.get(item.id), item.segment, item.language, item.created_at)
        for item in customers
    )


def customer_view(session: Session, customer_id: UUID, *, viewer: Actor) -> CustomerView:
    """The head of a profile, in eight statements; raises NotFound, also for what is not yours to see."""
    require(viewer, "customer.view")
    customer = session.scalars(select(Customer).where(Customer.id == customer_id)).first()
    if customer is None:
        raise NotFound
    identities = _identities(session, customer_id)
    return CustomerView(
        id=customer.id,
        version=customer.version,
        name=customer.name,
        language=customer.language,
        preferred_channel=customer.preferred_channel,
        segment=customer.segment,
        value=customer.value,
        created_at=customer.created_at,
        identities=identities,
        open_case=_open_case(session, customer_id),
        duplicates=_duplicates(session, customer_id),
        elsewhere=_elsewhere(session, customer_id, identities),
        heard_at=_newest_feedback(session, customer_id, consenting=False),
        consent_at=_newest_feedback(session, customer_id, consenting=True),
    )


def _identities(session: Session, customer_id: UUID) -> tuple[IdentityView, ...]:
    rows = session.execute(
        select(Identity, User.name)
        .outerjoin(User, User.id == Identity.verified_by)
        .where(Identity.customer_id == customer_id, Identity.detached_at.is_(None))
        .order_by(Identity.id)
    )
    found = [
        IdentityView(item.id, IdentityKind(item.kind), item.value, item.source, name, item.created_at)
        for item, name in rows
    ]
    return tuple(sorted(found, key=lambda item: _ORDER[item.kind.value]))


def _open_case(session: Session, customer_id: UUID) -> OpenCase | None:
    row = session.execute(
        select(Case.id, Case.number, Case.opened_at, Case.next_due_at)
        .where(Case.customer_id == customer_id, Case.state == word(CaseState.OPEN))
        .order_by(Case.id.desc())
        .limit(1)
    ).first()
    return OpenCase(row.id, row.number, row.opened_at, row.next_due_at) if row else None


def _duplicates(session: Session, customer_id: UUID) -> tuple[DuplicateView, ...]:
    first, other = aliased(Customer), aliased(Customer)
    rows = session.execute(
        select(PossibleDuplicate, first.name, other.name)
        .join(first, first.id == PossibleDuplicate.customer_id)
        .join(other, other.id == PossibleDuplicate.other_id)
        .where(
            or_(PossibleDuplicate.customer_id == customer_id, PossibleDuplicate.other_id == customer_id),
            PossibleDuplicate.settled_at.is_(None),
        )
        .order_by(PossibleDuplicate.id.desc())
        .limit(_HINTS)
    )
    return tuple(
        DuplicateView(pair.id, pair.other_id, other_name, pair.feedback_id, pair.created_at)
        if pair.customer_id == customer_id
        else DuplicateView(pair.id, pair.customer_id, first_name, pair.feedback_id, pair.created_at)
        for pair, first_name, other_name in rows
    )


def _elsewhere(session: Session, customer_id: UUID, identities: Sequence[IdentityView]) -> tuple[SeenElsewhere, ...]:
    """Feedback of nobody, or of another customer, with an address that this customer has or once typed."""
    emails = {item.value for item in identities if item.kind is IdentityKind.EMAIL}
    phones = {item.value for item in identities if item.kind is IdentityKind.PHONE}
    for email, phone in session.execute(
        select(ContactPoint.email_key, ContactPoint.phone_key)
        .join(Feedback, Feedback.contact_point_id == ContactPoint.id)
        .where(Feedback.customer_id == customer_id)
        .order_by(Feedback.received_at.desc(), Feedback.id.desc())
        .limit(_ADDRESSES)
    ):
        emails |= {email} if email else set()
        phones |= {phone} if phone else set()
    if not emails and not phones:
        return ()
    rows: Sequence[Row[UUID, datetime, str | None, str | None]] = session.execute(
        select(Feedback.id, Feedback.received_at, ContactPoint.name, ContactPoint.email_key)
        .join(ContactPoint, ContactPoint.id == Feedback.contact_point_id)
        .where(
            or_(ContactPoint.email_key.in_(emails), ContactPoint.phone_key.in_(phones)),
            Feedback.customer_id.is_distinct_from(customer_id),
        )
        .order_by(Feedback.id.desc())
        .limit(_HINTS)
    ).all()
    return tuple(
        SeenElsewhere(row.id, row.name, IdentityKind.EMAIL if row.email_key in emails else IdentityKind.PHONE, row[1])
        for row in rows
    )


def _newest_feedback(session: Session, customer_id: UUID, *, consenting: bool) -> datetime | None:
    statement = (
        select(Feedback.received_at)
        .where(Feedback.customer_id == customer_id)
        .order_by(Feedback.received_at.desc(), Feedback.id.desc())
        .limit(1)
    )
    return session.scalars(statement.where(Feedback.consent) if consenting else statement).first()


def channel_choices(session: Session) -> list[str]:
    """The ways to answer that a customer may prefer: e-mail and phone, and every other door that is open here."""
    ours = {"api", "webform", "survey"}
    kinds = session.scalars(select(Channel.kind).where(Channel.active).distinct().order_by(Channel.kind))
    return list(dict.fromkeys(["email", "phone", *(kind for kind in kinds if kind not in ours and len(kind) <= 20)]))


def segments(session: Session, limit: int = 50) -> list[str]:
    """Names of segments in use, to choose from while typing; some, when there are very many customers."""
    some = select(Customer.segment).where(Customer.segment.is_not(None)).order_by(Customer.id.desc()).limit(500)
    rows = select(some.subquery().c.segment).distinct().limit(limit)
    return sorted(name for name in session.scalars(rows) if name)
