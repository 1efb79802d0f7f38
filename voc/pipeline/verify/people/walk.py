"""Walking over customers, identities and contact points: by what they are found is computed again."""

from __future__ import annotations

from voc.core.vocabulary import IdentityKind
from voc.customers.normalize import email, name_key, normalize, phone
from voc.model import ContactPoint, Customer, Identity
from voc.pipeline.verify.check import Scope, rules
from voc.pipeline.verify.holes import Holes
from voc.pipeline.verify.people import queries
from voc.pipeline.verify.snapshot import Open, chunks
from voc.security.keys import Keys

RULES = rules(
    """
    identity.hash I2 An identity cannot be found by its value: whoever comes with it becomes another customer.
        Restore it from a backup.
    customer.name_key integrity A customer cannot be found by name. Save the profile once more.
    contact.key integrity An address is compared as another than it is: the hint that it was seen before is missing or
        wrong. Restore the contact point from a backup.
    """
)
_KINDS = {kind.value for kind in IdentityKind}


def walk_people(opened: Open, scope: Scope, holes: Holes, keys: Keys) -> None:
    """Apply the rules to everybody."""
    for session, ids in chunks(opened, Identity.id, scope.since):
        for row in queries.identities(session, ids):
            known = row.kind in _KINDS and normalize(IdentityKind(row.kind), row.value) == row.value
            if not known or bytes(row.value_hash) != keys.hash("identity", row.kind, row.value):
                holes.add("identity.hash", row.id)
    for session, ids in chunks(opened, Customer.id, scope.since):
        for found in queries.names(session, ids):
            if found.name_key != name_key(found.name):
                holes.add("customer.name_key", found.id)
    for session, ids in chunks(opened, ContactPoint.id, scope.since):
        for point in queries.addresses(session, ids):
            if (point.email_key, point.phone_key) != (email(point.email), phone(point.phone)):
                holes.add("contact.key", point.id)
