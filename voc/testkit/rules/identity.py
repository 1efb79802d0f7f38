"""The same thing is the same thing: replayed, in another order, after a restart; and two things are two."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from voc.plugin import Deleted, Edited, Inbound, Raw
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject

KNOWN = (
    Said(id="m-1", text="La entrega llegó tarde."),
    Said(id="m-2", text="Adorei o atendimento!"),
    Said(id="m-3", text="Nobody answers the phone."),
)
RESTART = 20.0
_AGAIN = (
    "import sys, json, base64, pickle; from voc.testkit.again import ids;"
    "print(json.dumps(ids(*pickle.loads(base64.b64decode(sys.stdin.read())))))"
)


def identities(items: Iterable[Any]) -> list[str]:
    """The ids in what was read."""
    return [item.external_id for item in items if isinstance(item, (Inbound, Edited, Deleted))]


@rule(
    "identity-replay",
    "bronze",
    "The same raw thing, read again, gives the same items.",
    mend="Take external_id from the raw thing alone: the vendor's id, or a hash of the content; no clock, no counter.",
)
def replay(subject: Subject) -> None:
    """Twice by one channel, once by a fresh one."""
    raw = subject.raw(Said(id="m-7", text="Otra vez lo mismo."))
    channel = subject.channel()
    first, again, fresh = subject.read(raw, channel), subject.read(raw, channel), subject.read(raw)
    if not first:
        broken("read gave nothing for an ordinary message")
    for other in (again, fresh):
        if other != first:
            broken(f"read gave {shown(identities(first))} and then {shown(identities(other))} for the same raw thing")


@rule(
    "identity-order",
    "bronze",
    "The order in which things are read changes nothing.",
    mend="Keep nothing in the channel object between two calls of `read`.",
)
def order(subject: Subject) -> None:
    """Forwards and backwards, each by one channel object."""
    raws = [subject.raw(said) for said in KNOWN]
    one, other = subject.channel(), subject.channel()
    forwards = [subject.read(raw, one) for raw in raws]
    backwards = [subject.read(raw, other) for raw in reversed(raws)][::-1]
    for first, second in zip(forwards, backwards, strict=True):
        if first != second:
            broken(f"read in another order, {shown(identities(first))} became {shown(identities(second))}")


@rule(
    "identity-distinct",
    "bronze",
    "Two messages of the vendor are two, even with the same words.",
    mend="Build external_id from the vendor's id, not from the words.",
)
def distinct(subject: Subject) -> None:
    """Two customers may both write "Malo"."""
    found = [identities(subject.read(subject.raw(Said(id=name, text="Malo")))) for name in ("m-1", "m-2")]
    if not found[0] or set(found[0]) & set(found[1]):
        broken(f"two messages with the ids m-1 and m-2 and the same words both became {shown(found[0])}")


@rule(
    "identity-without-id",
    "silver",
    "A message without an id gets one that follows from what it says.",
    mend="Without a vendor's id, hash sender, time and words: same content, same id.",
    features=("no-id",),
)
def without_id(subject: Subject) -> None:
    """Deterministic, and different for different words."""
    raws = [subject.raw(Said(id=None, text=text)) for text in ("La sopa fría", "La sopa muy fría")]
    first, other = (identities(subject.read(raw)) for raw in raws)
    if not first or not other:
        broken("read gave no id to a message without one")
    if identities(subject.read(raws[0])) != first:
        broken("a message without an id got another id when it was read again")
    if set(first) & set(other):
        broken(f"two different messages without ids both became {shown(first)}")


@rule(
    "identity-restart",
    "silver",
    "After a restart the ids are still the same.",
    mend="Do not use hash(), id() or random numbers for external_id: they differ from process to process.",
)
def restart(subject: Subject) -> None:
    """Read in a fresh interpreter whose hashes are other ones."""
    import pickle

    said = KNOWN[0] if not subject.can("no-id") else replace(KNOWN[0], id=None)
    raw = subject.raw(said)
    here = identities(subject.read(raw))
    located = subject.plugin.located
    question = base64.b64encode(pickle.dumps((str(located.folder), located.module, subject.name, raw)))
    done = subprocess.run(  # noqa: S603  our own program, no shell
        [sys.executable, "-c", _AGAIN],
        input=question,
        capture_output=True,
        timeout=RESTART,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "4711"},
    )
    lines = done.stdout.decode("utf-8", "replace").strip().splitlines()
    there = json.loads(lines[-1]) if done.returncode == 0 and lines else None
    if there != here:
        broken(f"in a fresh process {shown(here)} became {shown(there)}")


@rule(
    "identity-redelivery",
    "silver",
    "What arrives once more, later, is what it was.",
    mend="Leave received_at out of external_id; where the vendor has an id, use it alone.",
)
def redelivery(subject: Subject) -> None:
    """The same body an hour later."""
    raw = subject.raw(KNOWN[0])
    later = Raw(raw.body, raw.content_type, NOW + timedelta(hours=1), raw.headers, raw.delivery_id)
    first, second = identities(subject.read(raw)), identities(subject.read(later))
    if first != second:
        broken(f"delivered again an hour later, {shown(first)} became {shown(second)}")
