"""How identities and names are compared: pure functions, careful rather than clever.

Two spellings of one address that are not made equal leave two customers, whom a person can tell; two people's
addresses made equal would show one of them the other's history. Whatever is in doubt gives None and proves nothing.
"""

from __future__ import annotations

import re
import unicodedata

from voc.core.text import fold, is_storable
from voc.core.vocabulary import IdentityKind

_EMAIL = re.compile(r"([^@\s\x00-\x1f\x7f<>,;:\"]{1,64})@([^@\s\x00-\x1f\x7f<>,;:\"/\\]{1,250})")
_PHONE = re.compile(r"(?:\+|00)?[0-9(][0-9 ().\-/]*")
_TRUNK = re.compile(r"\(0\)")
_HANDLE = re.compile(r"@?([a-z0-9_](?:[a-z0-9_.\-]{0,100}[a-z0-9_])?)(?:@([a-z0-9.\-]{1,250}(?::[0-9]{1,5})?))?")
LONGEST = 320
LONGEST_NAME = 200


def normalize(kind: IdentityKind, value: str | None) -> str | None:
    """`value` as it is compared, None when it is no identity of this kind."""
    if not value or not is_storable(value):
        return None
    if kind is IdentityKind.EMAIL:
        return email(value)
    if kind is IdentityKind.PHONE:
        return phone(value)
    if kind is IdentityKind.HANDLE:
        return handle(value)
    return external_id(value)


def email(value: str | None) -> str | None:
    """The domain in lower case without a last dot; what stands before the @ belongs to the receiver and stays."""
    found = _EMAIL.fullmatch(unicodedata.normalize("NFC", (value or "").strip()))
    if found is None:
        return None
    domain = found[2].lower().rstrip(".")
    whole = f"{found[1]}@{domain}"
    return whole if domain and len(whole) <= LONGEST else None


def phone(value: str | None) -> str | None:
    """Digits alone, with a + when the country is named: `+51 987-654 321` and `0051987654321` give +51987654321.

    A number without its country stays without: nobody knows which it is. 7 to 15 digits.
    """
    text = (value or "").strip()
    if not text.isascii() or _PHONE.fullmatch(text) is None:
        return None
    abroad = text.startswith(("+", "00"))
    if abroad:
        # +44 (0)20 …: the zero is dialled only from within the country.
        text = _TRUNK.sub("", text)
    digits = re.sub(r"[^0-9]", "", text)
    if abroad and not text.startswith("+"):
        digits = digits[2:]
    if not 7 <= len(digits) <= 15 or (abroad and digits.startswith("0")):
        return None
    return f"+{digits}" if abroad else digits


def handle(value: str | None) -> str | None:
    """`@user@host` in lower case, or `@user.host` where the name is a domain; a name that only one platform knows
    is no identity: on another one it is somebody else."""
    found = _HANDLE.fullmatch((value or "").strip().lower())
    if found is None:
        return None
    name, host = found[1], found[2]
    if host is not None:
        host = host.rstrip(".")
        return f"@{name}@{host}" if host and not host.startswith((".", "-")) else None
    return f"@{name}" if "." in name and ".." not in name else None


def external_id(value: str | None) -> str | None:
    """An id of the company's own system, exactly as it was given: what looks alike there may be two people."""
    return value if value and len(value) <= LONGEST else None


def name_key(name: str | None) -> str | None:
    """A name as it is searched by its beginning: small letters, no accents, one space."""
    return " ".join(fold(name or "").split())[:LONGEST_NAME] or None
