"""The demo's customers as their company knows them: who they are, by which addresses, and what is in their profile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from voc.core.ids import new_id
from voc.customers.identify import identify
from voc.customers.profile import Profile, change_profile
from voc.model import ContactPoint
from voc.runtime.demo.data import Customer, Demo
from voc.security.access import Actor
from voc.security.keys import Keys

CHANNELS = ("email", "phone", "mastodon")
MONTH = timedelta(days=30.44)


def write_customers(session: Session, keys: Keys, demo: Demo, *, actor: Actor, started_at: datetime) -> None:
    """Write every customer with identities and profile, as taken over from the company's own system."""
    segments: Mapping[str, str] = {item["key"]: item["names"][demo.brand["language"]] for item in demo.segments}
    # Whoever was known longer was written down earlier.
    for customer in sorted(demo.customers, key=lambda customer: (-customer.since_months, customer.key)):
        _write(session, keys, customer, segments[customer.segment], actor, started_at - MONTH * customer.since_months)


def _write(session: Session, keys: Keys, customer: Customer, segment: str, actor: Actor, at: datetime) -> None:
    author = {**customer.identities, "name": customer.name, "verified": list(customer.identities)}
    mark = new_id()
    who = identify(session, keys, [(mark, author, customer.language)], now=at)[mark]
    # Nobody typed these addresses anywhere.
    session.execute(delete(ContactPoint).where(ContactPoint.id == who.contact_point_id))
    if who.customer_id is None:
        return
    profile = Profile(
        name=customer.name,
        language=customer.language,
        preferred_channel=customer.preferred_channel,
        segment=segment,
        value=str(customer.value),
    )
    change_profile(session, who.customer_id, actor=actor, typed=profile, channels=CHANNELS, version=1, now=at)
