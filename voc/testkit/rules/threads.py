"""Threads, edits and deletions."""

from __future__ import annotations

import re
from datetime import timedelta

from voc.plugin import Deleted, Edited, Inbound
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject

# What we sent, in the kit's words; the vendor may call it otherwise.
SENT = "sent-1"


@rule(
    "threads",
    "silver",
    "An answer names what it answers.",
    mend="Put the ids that the vendor gives for what is answered into Inbound.thread, nearest first; when its ids are "
    "of its own making, say in vendor_id() of fixtures.py how it calls the one that the kit names.",
    needs=["THREADS"],
    features=("answers",),
)
def threads(subject: Subject) -> None:
    """The id of what we sent stands in `thread`, as the vendor writes it: alone, or set off from what is around it."""
    wanted = subject.fixtures.vendor_id(SENT)
    if not isinstance(wanted, str) or not wanted.strip():
        broken(f"vendor_id({SENT!r}) in fixtures.py gave {shown(wanted)}, which is no id")
    item = subject.inbound(Said(id="m-2", text="Sigue igual", answers=SENT))
    whole = re.compile(rf"(?<![0-9A-Za-z]){re.escape(wanted)}(?![0-9A-Za-z])")
    if not any(whole.search(name) for name in item.thread):
        called = f"{wanted!r}, as the vendor calls {SENT}," if wanted != SENT else repr(SENT)
        broken(f"an answer to {called} has the thread {shown(item.thread)}, in which {wanted!r} is not")
    if subject.inbound(Said()).thread:
        broken("a message that answers nothing has a thread")


@rule(
    "edits",
    "silver",
    "New words come under the old id.",
    mend="Yield Edited(external_id, text, edited_at) with the id that the first version had.",
    needs=["EDITS"],
)
def edits(subject: Subject) -> None:
    """First and second version have one id, and the new words are there."""
    first = subject.inbound(Said(id="m-1", text="Llegó tarde"))
    later = subject.read(subject.raw(Said(id="m-1", text="Llegó muy tarde", edited=NOW + timedelta(minutes=5))))
    found = [item for item in later if isinstance(item, Edited)]
    if not found or found[-1].external_id != first.external_id or "Llegó muy tarde" not in (found[-1].text or ""):
        broken(f"a later version of {first.external_id!r} was read as {shown(later, 160)}")
    if found[-1].edited_at is not None and found[-1].edited_at.tzinfo is None:
        broken("edited_at has no time zone")


@rule(
    "deletions",
    "silver",
    "What was taken back is said to be.",
    mend="Yield Deleted(external_id) with the id that it had.",
    needs=["EDITS"],
)
def deletions(subject: Subject) -> None:
    """The id of what is gone is the id that it had."""
    first = subject.inbound(Said(id="m-1", text="Llegó tarde"))
    later = subject.read(subject.raw(Said(id="m-1", deleted=True)))
    if [item for item in later if isinstance(item, Inbound)]:
        broken("what was deleted was read as new words")
    if Deleted(first.external_id) not in later:
        broken(f"the deletion of {first.external_id!r} was read as {shown(later, 160)}")
