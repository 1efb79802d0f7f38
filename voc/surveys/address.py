"""One person's address, however it is typed, and the keyed hash under which it is known. Pure."""

from __future__ import annotations

from voc.net.smtp import mailbox
from voc.security.keys import Keys

PURPOSE = "address"


def normal(address: str) -> str:
    """`address` as it is written to: the domain in ASCII, nothing around it. Raises Permanent when it is none."""
    return mailbox(address)


def address_hash(keys: Keys, address: str) -> bytes:
    """The hash of a normal address; capitals do not make another person."""
    return keys.hash(PURPOSE, address.casefold())
