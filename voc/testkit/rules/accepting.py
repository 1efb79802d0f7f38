"""Pushed deliveries: kept whole, quickly, without a network, and whatever comes."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import Accepted, HttpCall, Inbound, Raw, Refused, Reply
from voc.testkit.rule import broken, rule, shown
from voc.testkit.rules.wording import GARBAGE
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject, is_accepted, tried


@rule(
    "accept-keeps",
    "bronze",
    "Every byte that was accepted can be reached.",
    mend="Accept the body as it came: Accepted(call.body, …). What is not kept now can never be read again.",
    needs=["ACCEPT"],
    method="accept",
)
def keeps(subject: Subject) -> None:
    """The stored body holds the whole call, and reads as the raw thing does."""
    said = Said(text="La caja venía abierta 📦")
    call, found = subject.accept(said)
    if not is_accepted(found):
        broken(f"the vendor's own signed request was answered with {shown(found)}")
    if call.body not in found.body:
        broken(f"of {len(call.body)} bytes that came, what was accepted holds {len(found.body)} other ones")
    raw = Raw(found.body, found.content_type, NOW, found.headers, found.delivery_id)
    texts = [item.text or "" for item in subject.read(raw) if isinstance(item, Inbound)]
    if not any("abierta 📦" in text for text in texts):
        broken(f"what accept stored was read as {shown(texts)}")


@rule(
    "accept-alone",
    "bronze",
    "accept needs nobody else.",
    mend="Store what came and ask other servers later, in check, fetch or send: somebody's request waits.",
    needs=["ACCEPT"],
    method="accept",
)
def alone(subject: Subject) -> None:
    """No network, no store, and still accepted."""
    with subject.desk() as desk:
        call = subject.fixtures.call(subject.raw(Said(id="m-9", text="Nadie contesta.")), at=NOW, options=desk.options)
        result = tried(subject.channel().accept, desk.accepting(), call)
    if not is_accepted(result.value):
        broken(f"without a network, accept {result.kind}")


@rule(
    "accept-garbage",
    "bronze",
    "Whatever is posted, accept answers.",
    mend="Return Refused(reason) for what cannot be from the vendor; an exception makes the vendor hear 503 for ever.",
    needs=["ACCEPT"],
    method="accept",
)
def garbage(subject: Subject) -> None:
    """Unsigned and signed garbage gets an answer."""
    with subject.desk() as desk:
        good = subject.fixtures.call(subject.raw(Said()), at=NOW, options=desk.options)
        for body in GARBAGE:
            for call in (replace(good, body=body), HttpCall("POST", {}, {}, body)):
                result = tried(subject.channel().accept, desk.accepting(), call)
                if not isinstance(result.value, (Accepted, Reply, Refused)):
                    broken(f"a post of {shown(body, 40)} {result.kind}")
                if isinstance(result.value, Refused) and not 400 <= result.value.status <= 499:
                    broken(f"a post of {shown(body, 40)} was refused with status {result.value.status}")


@rule(
    "accept-get",
    "silver",
    "A GET stores nothing and changes nothing.",
    mend="Answer a GET with a Reply (a challenge) or Refused: whoever opens the address in a browser sends one.",
    needs=["ACCEPT"],
    method="accept",
)
def get(subject: Subject) -> None:
    """As a link scanner would, with a store that cannot be written."""
    with subject.desk() as desk:
        for query in ({}, {"challenge": "abc"}, {"hub.challenge": "abc", "hub.mode": "subscribe"}):
            ctx = desk.accepting(writable=False)
            result = tried(subject.channel().accept, ctx, HttpCall("GET", {}, query, b""))
            if not isinstance(result.value, (Reply, Refused)):
                broken(f"a GET {result.kind}")
            if isinstance(result.value, Reply) and "<" in result.value.body and "html" in result.value.content_type:
                broken("a GET is answered with HTML, which would run on the house's own address")


@rule(
    "accept-once",
    "bronze",
    "The same delivery again is the same delivery.",
    mend="Give Accepted a delivery_id that is the vendor's, so that its second try is recognized.",
    needs=["ACCEPT"],
    method="accept",
)
def once(subject: Subject) -> None:
    """One request twice: one delivery_id."""
    _, first = subject.accept(Said())
    _, second = subject.accept(Said())
    if not is_accepted(first) or first.delivery_id is None or first.delivery_id != second.delivery_id:
        broken(f"the same request twice gave the delivery ids {shown(first)} and {shown(second)}")
    _, other = subject.accept(Said(id="m-2"))
    if is_accepted(other) and other.delivery_id == first.delivery_id:
        broken(f"two different messages have the one delivery_id {shown(first.delivery_id)}: one of them would be lost")
