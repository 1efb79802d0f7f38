"""Sending: said once, honestly, whatever becomes of the answer."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import Misconfigured, Outbound, Sent, TryLater, Undeliverable
from voc.testkit.desk import Desk
from voc.testkit.fixtures import BUSY, Trouble
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import Said
from voc.testkit.subject import Subject, Tried, sent

OTHER = "Otra cosa"
WORDS = "Lamentamos la demora — não há desculpa. It's on its way 🚚"


@rule(
    "send-works",
    "bronze",
    "An answer reaches the customer as it was written.",
    mend="Send message.text whole, and return Sent with the id under which the vendor has it.",
    needs=["SEND"],
    method="send",
)
def works(subject: Subject) -> None:
    """Every character of it."""
    with subject.at_work() as (desk, vendor):
        vendor.put(Said())
        result = sent(subject.channel(), desk, subject.outbound(Said(), text=WORDS))
        if result.error is not None:
            broken(f"an ordinary answer {result.kind}")
        texts = [item.text for item in vendor.got]
        if len(texts) != 1 or WORDS not in texts[0]:
            broken(f"the answer arrived as {shown(texts)}")


@rule(
    "send-once",
    "silver",
    "The same answer again is one answer.",
    mend="Hand message.message_id on as the vendor's idempotency key or as Message-ID.",
    needs=["SEND"],
    method="send",
)
def once(subject: Subject) -> None:
    """Called again with the same message_id, by another channel object."""
    with subject.at_work() as (desk, vendor):
        vendor.put(Said())
        message = subject.outbound(Said(), text=WORDS)
        for _ in range(2):
            sent(subject.channel(), desk, message)
        _demand_one(vendor.got, "an answer that was sent again under its message_id")
        other = subject.outbound(Said(), text=OTHER, id="<a2@kit.example>")
        sent(subject.channel(), desk, other)
        if len({item.key for item in vendor.got}) != 2:
            broken("two different answers arrived as one")


def _demand_one(got: object, what: str) -> None:
    keys = [item.key for item in got]  # type: ignore[attr-defined]
    if not keys or len(set(keys)) > 1 or not keys[0]:
        broken(f"{what} arrived as {len(set(keys))} messages: {shown(keys)}")


@rule(
    "send-lost-answer",
    "silver",
    "When the vendor's answer is lost, the next try is no second message.",
    mend="Let an exception go when the outcome is not known. The next try, under the same message_id, hands it on as "
    "the vendor's key, or looks whether the answer is there, or raises Undeliverable: nobody knows whether it arrived.",
    needs=["SEND"],
    method="send",
)
def lost(subject: Subject) -> None:
    """The message was taken, the connection closed before anything was said."""
    with subject.at_work() as (desk, vendor):
        vendor.put(Said())
        message = subject.outbound(Said(), text=WORDS)
        vendor.trouble = "lost"
        first = sent(subject.channel(), desk, message)
        if isinstance(first.error, (Undeliverable, Misconfigured)):
            broken(f"a lost answer {first.kind}, and the message has arrived")
        vendor.trouble = None
        again = sent(subject.channel(), desk, message) if first.error is not None else first
        if isinstance(again.error, Undeliverable):
            _demand_told(subject, desk, message, again)
        elif again.error is not None:
            broken(f"after a lost answer the next try {again.kind}")
        _demand_one([item for item in vendor.got if OTHER not in item.text], "an answer whose receipt was lost")


def _demand_told(subject: Subject, desk: Desk, message: Outbound, told: Tried) -> None:
    """The agent is told that nobody knows, whenever it is tried; and it is this one answer that is given up."""
    if not str(told.error).strip():
        broken("after a lost answer the next try raised Undeliverable without words: the agent must hear why")
    later = sent(subject.channel(), desk, message)
    if not isinstance(later.error, Undeliverable):
        broken(f"after a lost answer the next try {told.kind}, and the one after that {later.kind}")
    other = sent(subject.channel(), desk, replace(message, message_id="<a2@kit.example>", text=OTHER))
    if other.error is not None:
        broken(f"after a lost answer another answer {other.kind}")


def troubled(subject: Subject, kind: Trouble) -> Tried:
    """What sending gives while this goes wrong."""
    with subject.at_work() as (desk, vendor):
        vendor.put(Said())
        message = subject.outbound(Said(), text=WORDS)
        vendor.trouble = kind
        return sent(subject.channel(), desk, message)


@rule(
    "send-temporary",
    "silver",
    "A vendor that cannot now is tried again.",
    mend="Raise TryLater for what may pass; Undeliverable ends the answer for good.",
    needs=["SEND"],
    method="send",
)
def temporary(subject: Subject) -> None:
    """Down, or with an answer that means nothing; and when it is up again, the answer goes out."""
    for kind in ("down", "nonsense"):
        result = troubled(subject, kind)
        if isinstance(result.value, Sent):
            broken(f"from a vendor that is {kind}, send {result.kind}: it is shown as sent and was not")
        if isinstance(result.error, Undeliverable) or (kind == "down" and isinstance(result.error, Misconfigured)):
            broken(f"from a vendor that is {kind}, send {result.kind}, though it may work later")
    with subject.at_work() as (desk, vendor):
        vendor.put(Said())
        message = subject.outbound(Said(), text=WORDS)
        vendor.trouble = "down"
        sent(subject.channel(), desk, message)
        vendor.trouble = None
        result = sent(subject.channel(), desk, message)
        if result.error is not None:
            broken(f"after a vendor that was down took nothing, the next try {result.kind}")


@rule(
    "send-denied",
    "silver",
    "A wrong password calls for a person, and the answer waits.",
    mend="Raise Misconfigured with a sentence that says what to do, for 401, 403 and the like.",
    needs=["SEND"],
    method="send",
)
def denied(subject: Subject) -> None:
    """The vendor does not know us."""
    result = troubled(subject, "denied")
    if not isinstance(result.error, Misconfigured) or not str(result.error).strip():
        broken(f"when the vendor refuses the secret, send {result.kind} instead of Misconfigured with words")


@rule(
    "send-gone",
    "silver",
    "When the customer cannot be reached this way any more, the agent is told.",
    mend="Raise Undeliverable with a sentence for the agent: who or what is gone.",
    needs=["SEND"],
    method="send",
)
def gone(subject: Subject) -> None:
    """Whom we answer is not there any more."""
    result = troubled(subject, "gone")
    if not isinstance(result.error, Undeliverable) or not str(result.error).strip():
        broken(f"when whom we answer is gone, send {result.kind} instead of Undeliverable with words")


@rule(
    "send-retry-after",
    "gold",
    "A vendor that says when to come back is heard.",
    mend="Give TryLater the seconds of Retry-After: TryLater(reason, after=7).",
    needs=["SEND"],
    method="send",
)
def retry_after(subject: Subject) -> None:
    """Too many requests: come back in seven seconds."""
    result = troubled(subject, "busy")
    if not isinstance(result.error, TryLater):
        broken(f"when the vendor says too many requests, send {result.kind} instead of TryLater")
    if result.error.after is None or not BUSY <= result.error.after <= BUSY + 5:
        broken(f"the vendor says to come back in {BUSY} seconds, and send says after={result.error.after}")


@rule(
    "send-foreign",
    "silver",
    "An answer to something that cannot be answered says so.",
    mend="Check reply_to: it may come from an older version of the plugin. Raise Undeliverable when it does not do.",
    needs=["SEND"],
    method="send",
)
def foreign(subject: Subject) -> None:
    """A reply_to without anything in it."""
    with subject.at_work() as (desk, vendor):
        for target in ({}, {"x": None}):
            result = sent(subject.channel(), desk, replace(subject.outbound(Said()), reply_to=target))
            if not isinstance(result.error, Undeliverable):
                broken(f"with the reply_to {target} send {result.kind} instead of Undeliverable")
        if vendor.got:
            broken("an answer to nobody was sent all the same")
