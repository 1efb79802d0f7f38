"""Passwords at the edge: argon2id through the sign-in library; the services below only ever see the hash."""

from __future__ import annotations

import threading
import unicodedata

from flask_security import hash_password
from flask_security.utils import verify_password

from voc.core.text import storable
from voc.web.account.library import WebUser, find_user
from voc.web.account.texts import translated as _

SHORTEST = 10
LONGEST = 256

# One hash takes 64 MB for a moment; so many may be made at once, the others wait.
_HASHING = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """The argon2id hash to store."""
    with _HASHING:
        return str(hash_password(_normal(password)))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one that was hashed; without a hash never, and it takes as long to say so."""
    with _HASHING:
        if not password_hash or len(password) > LONGEST:
            hash_password(_normal(password[:LONGEST]))
            return False
        return bool(verify_password(_normal(password), password_hash))


def find_by_password(email: str, password: str) -> WebUser | None:
    """The active user with this address and password, or None; unknown, wrong and inactive take the same time."""
    user = find_user(email=storable(email).strip()[:320])
    usable = user is not None and user.active
    right = matches(password, user.password if user is not None and usable else None)
    return user if right else None


def problems(password: str, again: str) -> list[str]:
    """What is wrong with a new password typed twice, as texts for the reader; empty when it is fine."""
    if len(password) < SHORTEST:
        return [_("At least %(count)s characters are needed.", count=SHORTEST)]
    if len(password) > LONGEST:
        return [_("At most %(count)s characters fit.", count=LONGEST)]
    if password != again:
        return [_("The two do not match.")]
    return []


def _normal(password: str) -> str:
    """The same password however the keyboard composed its accents."""
    return unicodedata.normalize("NFKC", password)
