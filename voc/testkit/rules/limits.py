"""Time and space: hostile input, silent vendors, and a flood."""

from __future__ import annotations

import gc
import time
import tracemalloc

from voc.plugin import Misconfigured, Raw, Sent, Undeliverable
from voc.testkit.desk import Cancelled, Desk
from voc.testkit.rule import broken, rule, shown
from voc.testkit.rules.fetching import demand, say
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject, drain, sent, tried

# Seconds for one reading, and for one call to a vendor that is silent (one step waits 1.5 here, 20 in the house).
READING = 3.0
SILENT = 5.0
HOSTILE = ("a" * 30_000 + "!", " " * 50_000, "\n" * 50_000, "@" * 20_000, "<" * 20_000, "((((" * 5_000, "aA1" * 10_000)
FLOOD = 400
# Bytes that may stay behind after so many messages.
LEAK = 1_500_000


@rule(
    "time-limit",
    "silver",
    "Hostile text is read in time.",
    mend="Look for a regular expression with nested repetition, or a loop that grows with the square of the text.",
)
def time_limit(subject: Subject) -> None:
    """Texts that make careless patterns slow."""
    for text in HOSTILE:
        raw = subject.raw(Said(text=text)) if subject.can("text") else Raw(text.encode(), "text/plain", NOW)
        began = time.monotonic()
        tried(subject.read, raw)
        took = time.monotonic() - began
        if took > READING:
            broken(f"reading {len(text):,} characters of {text[:4]!r}… took {took:.1f} seconds")


@rule(
    "silence",
    "silver",
    "A vendor that never answers does not hold the house.",
    mend="Use ctx.http and ctx.connect, whose steps have time limits, and do not try again within one call.",
    needs=["FETCH"],
    method="fetch",
)
def silence(subject: Subject) -> None:
    """fetch and check give up, and say that it may work later."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 1)
        vendor.trouble = "silent"
        for name, call in (("fetch", lambda: subject.channel().fetch(desk.ctx(), None)),):
            began = time.monotonic()
            result = tried(call)
            if time.monotonic() - began > SILENT:
                broken(f"with a silent vendor {name} took {time.monotonic() - began:.0f} seconds")
            if result.error is None and not getattr(result.value, "notice", ""):
                broken(f"with a silent vendor {name} {result.kind}, and nobody is told")


@rule(
    "silence-sending",
    "silver",
    "An answer to a vendor that never answers stays open.",
    mend="Let the exception go: nobody knows whether it went, and the host tries again under the same message_id.",
    needs=["SEND"],
    method="send",
)
def silence_sending(subject: Subject) -> None:
    """send gives up in time, and claims nothing."""
    with subject.at_work() as (desk, vendor):
        vendor.put(Said())
        message = subject.outbound(Said())
        vendor.trouble = "silent"
        began = time.monotonic()
        result = sent(subject.channel(), desk, message)
        if time.monotonic() - began > SILENT:
            broken(f"with a silent vendor send took {time.monotonic() - began:.0f} seconds")
        if isinstance(result.value, Sent) or isinstance(result.error, (Undeliverable, Misconfigured)):
            broken(f"with a silent vendor send {result.kind}, and nobody knows what became of it")


@rule(
    "cancellation",
    "silver",
    "A call that is ended ends, and the next one works.",
    mend="Write `except Exception`, never a bare `except`, and leave nothing half done behind.",
    needs=["FETCH"],
    method="fetch",
)
def cancellation(subject: Subject) -> None:
    """What ends the call passes through, and leaves nothing behind."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 1, 2)
        channel = subject.channel()
        desk.cancelled = True
        try:
            page = channel.fetch(desk.ctx(), None)
        except Cancelled:
            pass
        else:
            broken(f"fetch kept what should have ended it, and returned {len(page.items)} items")
        if "SEND" in subject.capabilities:
            _ended_while_sending(subject, desk)
        desk.cancelled = False
        items, _ = drain(channel, desk, None)
        demand(subject, items, [1, 2], "after a call that was ended")


def _ended_while_sending(subject: Subject, desk: Desk) -> None:
    try:
        found = subject.channel().send(desk.ctx(), subject.outbound(Said()))
    except Cancelled:
        return
    broken(f"send kept what should have ended it, and returned {shown(found)}")


@rule(
    "flood",
    "gold",
    "A flood leaves no memory behind.",
    mend="Keep nothing in the channel object or in module variables for each message; bound every cache.",
)
def flood(subject: Subject) -> None:
    """Many messages through one channel object."""
    channel = subject.channel()
    text = "Malo. " * 300

    def read(first: int, last: int) -> None:
        for number in range(first, last):
            tried(subject.read, subject.raw(Said(id=f"m-{number}", text=f"{text}{number}")), channel)

    read(0, 60)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        read(60, 60 + FLOOD)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    if grown > LEAK:
        broken(f"after {FLOOD} messages of 2 kB each {grown / 1e6:.1f} MB stayed behind")
