"""A child for the tests of limits: it does whatever the question says. Run by `LimitedChild`, never imported here."""

from __future__ import annotations

import os
import struct
import sys
import time
from pathlib import Path
from typing import Any

from voc.process.parsing.child import OUT_OF_MEMORY, confine


def main(memory: int) -> None:
    """Answer with what was asked, or misbehave."""
    import signal

    confine(memory)
    heard, said = sys.stdin.buffer, sys.stdout.buffer
    while len(head := heard.read(8)) == 8:
        length, milliseconds = struct.unpack(">II", head)
        question = heard.read(length)
        signal.setitimer(signal.ITIMER_PROF, milliseconds / 1000)
        try:
            reply = act(question)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        signal.setitimer(signal.ITIMER_PROF, 0)
        said.write(struct.pack(">I", len(reply)) + reply)
        said.flush()


def act(question: bytes) -> bytes:
    """What the question says."""
    word = question.split(b" ")[0].decode("latin-1")
    if word == "echo":
        return question
    actions: dict[str, Any] = {
        "burn": burn,
        "sleep": sleep,
        "eat": eat,
        "write": write,
        "open": descriptors,
        "lie": lie,
    }
    return bytes(actions[word]())


def burn() -> bytes:
    """Compute for ever."""
    while True:
        pass


def sleep() -> bytes:
    """Do nothing for ever."""
    time.sleep(60)
    return b""


def eat() -> bytes:
    """Take all memory."""
    held = []
    while True:
        held.append(bytearray(10_000_000))


def write() -> bytes:
    """Try to leave a file behind."""
    path = Path(f"left-by-{os.getpid()}")
    try:
        with path.open("wb") as stream:
            stream.write(b"x" * 100)
    except OSError as error:
        return type(error).__name__.encode()
    finally:
        path.unlink(missing_ok=True)
    return b"written"


def descriptors() -> bytes:
    """Open as many files as can be opened."""
    held: list[int] = []
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return str(len(held)).encode()
    finally:
        for number in held:
            os.close(number)


def lie() -> bytes:
    """Claim to answer with four gigabytes."""
    sys.stdout.buffer.write(struct.pack(">I", 0xFFFFFFFF))
    sys.stdout.buffer.flush()
    time.sleep(60)
    return b""
