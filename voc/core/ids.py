"""Identifiers: rising UUIDv7 keys for rows, random codes for people and links.

A UUIDv7 shows when it was made, so nothing that must not be guessed is ever one: tokens, tracking codes and
channel keys are random.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from uuid import UUID

# Crockford's alphabet without letters that are misread or make words.
CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"

_lock = threading.Lock()
_last_ms = 0
_sequence = 0


_pool, _taken = b"", 0


def _forget_after_fork() -> None:
    """A forked child must not continue the parent's sequence, nor use its random bytes again."""
    global _last_ms, _sequence, _pool
    _last_ms, _sequence, _pool = 0, 0, b""


os.register_at_fork(after_in_child=_forget_after_fork)


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562), strictly rising within this process: 48 bits of ms, a 12-bit sequence, 62 random."""
    global _last_ms, _sequence, _pool, _taken
    with _lock:
        # In blocks: each call of the system for eight bytes gives the interpreter lock away.
        if _taken + 8 > len(_pool):
            _pool, _taken = os.urandom(4096), 0
        random = int.from_bytes(_pool[_taken : _taken + 8], "big") & (1 << 62) - 1
        _taken += 8
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _sequence = now, 0
        else:
            _sequence += 1
            if _sequence > 0xFFF:
                _last_ms, _sequence = _last_ms + 1, 0
        stamp, sequence = _last_ms, _sequence
    return UUID(int=stamp << 80 | 0x7 << 76 | sequence << 64 | 0b10 << 62 | random)


def random_code(length: int = 10) -> str:
    """A code for people to read and type; about 4.8 bits of randomness a character.

    One call for the randomness: four bytes more than needed make the bias of the division negligible (2^-32).
    """
    number = int.from_bytes(os.urandom(length + 4), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[place])
    return "".join(letters)


def random_key(length: int = 24) -> str:
    """A URL-safe secret; `length` is in bytes of randomness."""
    return secrets.token_urlsafe(length)


def parse_id(value: str) -> UUID | None:
    """The UUID in `value`, or None when it is not one."""
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        return None
