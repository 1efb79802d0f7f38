"""Fetching: nothing lost and nothing twice, wherever the cursor is; and honest words when it does not work."""

from __future__ import annotations

import json
from typing import Any

from voc.plugin import Misconfigured, Page, TryLater
from voc.testkit.desk import Desk
from voc.testkit.fixtures import BUSY, Trouble, Vendor
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import Said
from voc.testkit.subject import Subject, Tried, drain, texts_of, tried

LONGEST_CURSOR = 100_000
MOST_ITEMS = 500


def say(vendor: Vendor, *numbers: int) -> None:
    """These customers say something there."""
    for number in numbers:
        vendor.put(Said(id=f"m-{number}", text=f"mensaje número {number:03d}"))


def numbers_in(subject: Subject, items: Any) -> list[int]:
    """Which of them were fetched, by what is read in each."""
    texts = texts_of(subject, items)
    return [number for item in items for number in range(1, 200) if f"número {number:03d}" in texts[item.delivery_id]]


def demand(subject: Subject, items: Any, wanted: list[int], when: str) -> None:
    """All of these are among what was fetched, each under one delivery_id."""
    found = numbers_in(subject, items)
    missing = [number for number in wanted if number not in found]
    if missing:
        broken(f"{when}, {len(missing)} of {len(wanted)} messages were not fetched")
    by_text: dict[str, set[str]] = {}
    for identity, text in texts_of(subject, items).items():
        by_text.setdefault(text, set()).add(identity)
    twice = [ids for text, ids in by_text.items() if text and len(ids) > 1]
    if twice:
        broken(f"{when}, one message came under the delivery ids {shown(sorted(twice[0]))}")


@rule(
    "fetch-works",
    "bronze",
    "What is there is fetched.",
    mend="Return every new message as a Pulled, and `more` while there are further pages.",
    needs=["FETCH"],
    method="fetch",
)
def works(subject: Subject) -> None:
    """Three messages on an ordinary day; the cursor is small JSON."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 191, 192, 193)
        items, cursor = drain(subject.channel(), desk, None)
        demand(subject, items, [191, 192, 193], "the first time")
        if len(json.dumps(cursor)) > LONGEST_CURSOR:
            broken(f"the cursor is longer than {LONGEST_CURSOR:,} characters")


@rule(
    "cursor-saved",
    "bronze",
    "With the saved cursor only what is new comes, and all of it.",
    mend="Put the place behind the last item of the page into the cursor, and begin there.",
    needs=["FETCH"],
    method="fetch",
)
def saved(subject: Subject) -> None:
    """A fresh channel goes on where the last one stopped."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 1, 2, 3)
        first, cursor = drain(subject.channel(), desk, None)
        say(vendor, 4, 5)
        second, cursor = drain(subject.channel(), desk, cursor)
        demand(subject, second, [4, 5], "with the saved cursor")
        if old := [number for number in numbers_in(subject, second) if number < 4]:
            broken(f"with the saved cursor {len(old)} of 3 known messages were fetched again")
        third, _ = drain(subject.channel(), desk, cursor)
        if third:
            broken(f"with nothing new, {len(third)} items were fetched")
        demand(subject, [*first, *second], [1, 2, 3, 4, 5], "in two visits")


@rule(
    "cursor-lost",
    "bronze",
    "A page whose cursor was not saved comes again, under the same ids.",
    mend="Take delivery_id from the vendor's id, and keep nothing of what was fetched outside the cursor.",
    needs=["FETCH"],
    method="fetch",
)
def lost(subject: Subject) -> None:
    """The process dies between fetching and storing: the same page is fetched once more."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 1, 2, 3)
        channel = subject.channel()
        first, _ = drain(channel, desk, None)
        for again_by in (channel, subject.channel()):
            again, _ = drain(again_by, desk, None)
            demand(subject, again, [1, 2, 3], "after a page that was not saved")
            if [item.delivery_id for item in again] != [item.delivery_id for item in first]:
                broken("a page that was not saved came again under other delivery ids")


@rule(
    "cursor-rewound",
    "silver",
    "From an older cursor everything since comes again, under the same ids.",
    mend="Fetch by the cursor alone, so that a restored backup of the house finds what it missed.",
    needs=["FETCH"],
    method="fetch",
)
def rewound(subject: Subject) -> None:
    """Back to an older place."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 1, 2)
        _, older = drain(subject.channel(), desk, None)
        say(vendor, 3, 4)
        first, cursor = drain(subject.channel(), desk, older)
        say(vendor, 5)
        drain(subject.channel(), desk, cursor)
        again, _ = drain(subject.channel(), desk, older)
        demand(subject, [*first, *again], [3, 4, 5], "from an older cursor")
        demand(subject, again, [3, 4, 5], "from an older cursor")


@rule(
    "cursor-overrun",
    "silver",
    "A vendor that began anew is noticed.",
    mend="When the vendor has less than the cursor says, begin from its beginning: the host recognizes what it has.",
    needs=["FETCH"],
    method="fetch",
)
def overrun(subject: Subject) -> None:
    """The vendor was restored from a backup; its numbers begin again."""
    with subject.at_work() as (desk, vendor):
        say(vendor, 1, 2, 3, 4, 5, 6)
        _, cursor = drain(subject.channel(), desk, None)
        vendor.reset()
        say(vendor, 11, 12)
        result = tried(drain, subject.channel(), desk, cursor)
        if isinstance(result.error, (TryLater, Misconfigured)):
            return
        if result.error is not None:
            broken(f"with a cursor beyond what the vendor has, fetch {result.kind}")
        demand(subject, result.value[0], [11, 12], "after the vendor began anew")


@rule(
    "cursor-foreign",
    "silver",
    "A cursor that means nothing is no cursor.",
    mend="Check what the cursor holds before you use it: it may be that of an older version of the plugin.",
    needs=["FETCH"],
    method="fetch",
)
def foreign(subject: Subject) -> None:
    """As an older version might have left it."""
    for cursor in ({}, {"v0": 7}, {"after": {"x": []}, "uid": "x", "since": -1, "page": None, "next": []}):
        with subject.at_work() as (desk, vendor):
            say(vendor, 1)
            result = tried(drain, subject.channel(), desk, cursor)
            if isinstance(result.error, (TryLater, Misconfigured)):
                continue
            if result.error is not None:
                broken(f"with the cursor {shown(cursor)} fetch {result.kind}")
            demand(subject, result.value[0], [1], f"with the cursor {shown(cursor)}")


def troubled(subject: Subject, kind: Trouble) -> Tried:
    """What a fetch gives while this goes wrong."""

    def once(desk: Desk) -> Any:
        return subject.channel().fetch(desk.ctx(), None)

    with subject.at_work() as (desk, vendor):
        say(vendor, 1)
        vendor.trouble = kind
        result = tried(once, desk)
        vendor.trouble = None
        if isinstance(result.value, Page) and not result.value.items and result.value.cursor is not None:
            items, _ = drain(subject.channel(), desk, result.value.cursor)
            demand(subject, items, [1], f"after a vendor that was {kind}")
        return result


@rule(
    "fetch-temporary",
    "silver",
    "A vendor that cannot now is asked again later, and nothing is skipped.",
    mend="Raise TryLater for what may pass: 5xx, a lost connection, an answer that means nothing.",
    needs=["FETCH"],
    method="fetch",
)
def temporary(subject: Subject) -> None:
    """Down, silent, nonsense."""
    for kind in ("down", "nonsense"):
        result = troubled(subject, kind)
        if isinstance(result.value, Page) and result.value.items:
            broken(f"from a vendor that is {kind}, fetch {result.kind}")
        if isinstance(result.error, Misconfigured) and kind == "down":
            broken(f"a vendor that is down calls for a person: fetch {result.kind}")
        if result.error is not None and not isinstance(result.error, (TryLater, Misconfigured)):
            broken(f"from a vendor that is {kind}, fetch {result.kind} instead of TryLater")
        if result.error is None and not result.value.notice:
            broken(f"from a vendor that is {kind}, fetch {result.kind}, and nobody is told")


@rule(
    "fetch-denied",
    "silver",
    "A wrong password calls for a person.",
    mend="Raise Misconfigured with a sentence that says what to do, for 401, 403 and the like.",
    needs=["FETCH"],
    method="fetch",
)
def denied(subject: Subject) -> None:
    """The vendor does not know us."""
    result = troubled(subject, "denied")
    if not isinstance(result.error, Misconfigured) or not str(result.error).strip():
        broken(f"when the vendor refuses the secret, fetch {result.kind} instead of Misconfigured with words")


@rule(
    "fetch-retry-after",
    "gold",
    "A vendor that says when to come back is heard.",
    mend="Give TryLater the seconds of Retry-After: TryLater(reason, after=7).",
    needs=["FETCH"],
    method="fetch",
)
def retry_after(subject: Subject) -> None:
    """Too many requests: come back in seven seconds."""
    result = troubled(subject, "busy")
    if not isinstance(result.error, TryLater):
        broken(f"when the vendor says too many requests, fetch {result.kind} instead of TryLater")
    if result.error.after is None or not BUSY <= result.error.after <= BUSY + 5:
        broken(f"the vendor says to come back in {BUSY} seconds, and fetch says after={result.error.after}")


@rule(
    "fetch-flood",
    "gold",
    "Much is fetched in pages.",
    mend=f"Give at most {MOST_ITEMS} items a page and say `more`; a page is stored in one transaction.",
    needs=["FETCH"],
    method="fetch",
)
def flood(subject: Subject) -> None:
    """More than one page holds: in pieces, all of it."""
    with subject.at_work() as (desk, vendor):
        wanted = list(range(1, 151))
        say(vendor, *wanted)
        items, cursor = drain(subject.channel(), desk, None)
        demand(subject, items, wanted, "with 150 messages waiting")
        if drain(subject.channel(), desk, cursor)[0]:
            broken("after 150 messages were fetched, some came again")
