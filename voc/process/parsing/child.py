"""The child's side: limits itself, then answers questions until its parent is gone.

A question is a length, the milliseconds it may compute, one byte that says what it is (`M` mail, `H` HTML), and the
bytes. An answer is a length and: `0` with JSON, its length before it, and the files it names; or `1` with a reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

from voc.process.parsing.charset import decoded
from voc.process.parsing.mail import read_mail
from voc.process.parsing.markup import text_of_html

OUT_OF_MEMORY = 3
_FRAME = struct.Struct(">II")
_LENGTH = struct.Struct(">I")


def main(memory: int) -> None:
    """Answer questions on standard input; `memory` in bytes of address space. Ends with the end of file."""
    confine(memory)
    heard, said = sys.stdin.buffer, sys.stdout.buffer
    try:
        while question := _next(heard):
            milliseconds, kind, body = question
            signal.setitimer(signal.ITIMER_PROF, milliseconds / 1000)
            reply = answer(kind, body)
            signal.setitimer(signal.ITIMER_PROF, 0)
            said.write(_LENGTH.pack(sum(map(len, reply))))
            for piece in reply:
                said.write(piece)
            said.flush()
            del question, body, reply
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:
        os._exit(0)


def confine(memory: int) -> None:
    """No more memory than this, no file written, no core, few descriptors."""
    for what, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        # A system may not know a limit, or the surroundings may have set a lower one: that one holds then.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


def _next(heard: BinaryIO) -> tuple[int, bytes, bytes] | None:
    """(milliseconds, kind, bytes) of the next question; None when the parent is gone."""
    head = heard.read(_FRAME.size)
    if len(head) < _FRAME.size:
        return None
    length, milliseconds = _FRAME.unpack(head)
    kind, body = heard.read(1), heard.read(length - 1)
    return (milliseconds, kind, body) if len(body) == length - 1 else None


def answer(kind: bytes, body: bytes) -> list[bytes]:
    """The pieces of the answer to one question. Never raises but MemoryError, after which this process must end."""
    try:
        if kind == b"M":
            found, files = read_mail(body)
        else:
            found, files = {"text": text_of_html(decoded(body, "utf-8"))}, []
        written = json.dumps(found).encode("ascii")
        return [b"0", _LENGTH.pack(len(written)), written, *files]
    except MemoryError:
        raise
    except RecursionError:
        return [b"1", b"is nested too deeply"]
    except ValueError as error:
        return [b"1", str(error)[:500].encode("utf-8", "replace")]
    except Exception as error:  # noqa: BLE001  the border of the parser: nobody knows what a hostile mail makes it raise
        return [b"1", f"cannot be taken apart: {type(error).__name__}".encode()]
