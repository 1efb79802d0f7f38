"""What makes a mail the same mail: its id, date, sender and content, never what a server writes on it on the way.

Taken from the raw bytes and not from what a reader makes of them, so that it stays the same when reading gets better,
and the same for the mailbox and the pipe, with either kind of line end.
"""

from __future__ import annotations

import hashlib
import io
import re

# Bytes of the header that are looked at.
LONGEST_HEAD = 1_000_000
_FIELDS = (b"message-id", b"date", b"from", b"subject")
_SPACE = re.compile(rb"\s+")


def external_id(raw: bytes) -> str:
    """The identity of a mail. Without a Message-ID its subject counts as well."""
    stream = io.BytesIO(raw)
    fields = _head(stream)
    known = (b"message-id", b"date", b"from") if fields.get(b"message-id") else (b"date", b"from", b"subject")
    whole = hashlib.sha256()
    for name in known:
        value = fields.get(name, b"")
        whole.update(b"%s:%d:%s;" % (name, len(value), value))
    whole.update(_content(stream))
    return f"mail-{whole.hexdigest()}"


def _head(stream: io.BytesIO) -> dict[bytes, bytes]:
    """The first value of each field that counts, unfolded; leaves `stream` behind the empty line."""
    pieces: dict[bytes, list[bytes]] = {}
    current: list[bytes] = []
    begun, read = False, 0
    for line in stream:
        read += len(line)
        bare = line.rstrip(b"\r\n")
        if (begun and not bare) or read > LONGEST_HEAD:
            break
        begun = begun or bool(bare)
        if bare[:1] in (b" ", b"\t"):
            current.append(bare)
            continue
        label, colon, value = bare.partition(b":")
        name, current = label.strip().lower(), [value]
        if colon and name in _FIELDS:
            pieces.setdefault(name, current)
    return {name: _SPACE.sub(b" ", b" ".join(parts)).strip() for name, parts in pieces.items()}


def _content(stream: io.BytesIO) -> bytes:
    """A hash of the body: with one kind of line end, without empty lines at its end, and without the mark that some
    servers put before lines that begin with "From "."""
    digest, empty = hashlib.sha256(), 0
    for line in stream:
        bare = line.rstrip(b"\r\n")
        if not bare.strip():
            empty += 1
            continue
        if bare.startswith(b">") and bare.lstrip(b">").startswith(b"From "):
            bare = bare[1:]
        digest.update(b"\n" * empty)
        digest.update(bare)
        empty = 1
    return digest.digest()
