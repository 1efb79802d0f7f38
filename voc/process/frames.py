"""Frames on a pipe: eight bytes that say how long the two parts are, JSON in ASCII, then bytes as they are."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

MB = 1 << 20
HEAD = struct.Struct(">II")
# What one frame may hold: the JSON, and the bytes behind it.
LONGEST_JSON = 32 * MB
LONGEST_BYTES = 96 * MB

_encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().raw_decode


class BadFrame(ValueError):
    """What came over the pipe is no frame, or one that is too long; the text says which."""


def packed(value: Any, blobs: Sequence[bytes] = ()) -> bytes:
    """A frame; raises BadFrame when it is too long, ValueError or TypeError for what JSON cannot hold."""
    written = _encode(value).encode("ascii")
    size = sum(map(len, blobs))
    _check(len(written), size)
    return b"".join((HEAD.pack(len(written), size), written, *blobs))


class Unpacker:
    """Takes what was read in pieces, gives whole frames; for one direction of one pipe."""

    def __init__(self) -> None:
        self._held: bytes | bytearray = b""

    def take(self, piece: bytes) -> tuple[Any, memoryview] | None:
        """Add a piece (empty: look only); the next whole frame as (value, its bytes), None while it is not there.

        Raises BadFrame.
        """
        if piece:
            # Almost always one piece is one frame: then nothing is put together.
            if not self._held:
                self._held = piece
            else:
                self._held = self._held if isinstance(self._held, bytearray) else bytearray(self._held)
                self._held += piece
        held = self._held
        if len(held) < HEAD.size:
            return None
        written, size = HEAD.unpack_from(held)
        _check(written, size)
        middle = HEAD.size + written
        if len(held) < middle + size:
            return None
        whole = memoryview(held)
        self._held = bytes(whole[middle + size :]) if len(held) > middle + size else b""
        try:
            value, end = _decode(str(held[HEAD.size : middle], "ascii"))
        except (ValueError, RecursionError):
            raise BadFrame("a frame holds no JSON") from None
        if end != written:
            raise BadFrame("a frame holds more than its JSON")
        return value, whole[middle : middle + size]


def _check(written: int, size: int) -> None:
    if written > LONGEST_JSON or size > LONGEST_BYTES:
        raise BadFrame(f"a frame of {written + size:,} bytes is longer than it may be")
