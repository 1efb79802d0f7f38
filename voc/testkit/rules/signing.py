"""Signatures: missing, wrong, stale, replayed. A declared scheme is checked by the host, and here in the same way."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from voc.plugin import Accepted, HttpCall, Refused, Signature
from voc.testkit.rule import broken, rule, shown
from voc.testkit.said import NOW, Said
from voc.testkit.subject import Subject, is_accepted, tried

WINDOW = 300


def signed(scheme: Signature, secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether the host would believe it."""
    if scheme.scheme == "standard-webhooks":
        return _standard(secret, headers, body, now)
    given = headers.get(scheme.header.lower(), "")
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    hexed = scheme.scheme == "hmac-sha256-hex"
    wanted = digest.hex() if hexed else base64.b64encode(digest).decode()
    found = given[len(scheme.prefix) :].strip()
    return given.startswith(scheme.prefix) and (found.lower() if hexed else found) == wanted


def _standard(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    identity, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identity or not stamp.isascii() or not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > WINDOW:
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    digest = hmac.new(key, f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in headers.get("webhook-signature", "").split()


def taken(subject: Subject, call: HttpCall) -> bool:
    """Whether this call would be stored: past the host's check of a declared scheme, and past `accept`."""
    with subject.desk() as desk:
        scheme = subject.kind.signature
        if scheme is not None:
            secret = str(desk.options.get(scheme.secret) or "")
            if not secret or not signed(scheme, secret, call.headers, call.body, now=NOW):
                return False
        result = tried(subject.channel().accept, desk.accepting(), call)
    if result.error is not None:
        broken(f"a call with a doubtful signature {result.kind} instead of being refused")
    if isinstance(result.value, Refused) and not result.value.reason:
        broken("a call was refused without a reason for the log")
    return is_accepted(result.value)


def good(subject: Subject, at: datetime = NOW) -> HttpCall:
    """The vendor's own request, which must be taken."""
    with subject.desk() as desk:
        return subject.fixtures.call(subject.raw(Said()), at=at, options=desk.options)


@rule(
    "signature-missing",
    "silver",
    "Without a signature nothing is believed.",
    mend="Declare `signature` (the host checks it), or refuse with 401 what is not signed.",
    needs=["ACCEPT"],
    method="accept",
)
def missing(subject: Subject) -> None:
    """The right call is taken; without its headers and query it is not."""
    call = good(subject)
    if not taken(subject, call):
        broken("the signed request that fixtures.py makes is refused")
    if taken(subject, replace(call, headers={}, query={})):
        broken("a request without any signature is accepted: whoever knows the address can write")


@rule(
    "signature-wrong",
    "silver",
    "A wrong signature is refused.",
    mend="Sign the raw bytes of the body with the secret and compare with hmac.compare_digest.",
    needs=["ACCEPT"],
    method="accept",
)
def wrong(subject: Subject) -> None:
    """Another body under the same signature, and the same body under another one."""
    call = good(subject)
    if taken(subject, replace(call, body=call.body + b" ")):
        broken("a request whose body was changed after it was signed is accepted")
    for name, value in call.headers.items():
        spoiled = value[:-2] + ("AA" if not value.endswith("AA") else "BB")
        headers = {**call.headers, name: spoiled}
        if name.startswith(("x-", "webhook-sig", "authorization")) or "signature" in name:
            if taken(subject, replace(call, headers=headers)):
                broken(f"a request with a wrong {name} is accepted")
            if taken(subject, replace(call, headers={**call.headers, name: "ñ"})):
                broken(f"a request with a {name} that is not ASCII is accepted")


@rule(
    "signature-stale",
    "silver",
    "A request that was signed long ago is refused.",
    mend="Refuse what was signed more than five minutes from now, where the vendor signs the time as well.",
    needs=["ACCEPT"],
    method="accept",
)
def stale(subject: Subject) -> None:
    """An hour ago, and an hour ahead."""
    for away in (timedelta(hours=-1), timedelta(hours=1)):
        if taken(subject, good(subject, NOW + away)):
            broken(f"a request signed {(NOW + away).time()} is accepted at {NOW.time()}")


@rule(
    "signature-replayed",
    "silver",
    "A request that is sent again by somebody else counts once.",
    mend="Take delivery_id from what is signed (the vendor's id), so that a copy is the same delivery.",
    needs=["ACCEPT"],
    method="accept",
)
def replayed(subject: Subject) -> None:
    """A copy with other unsigned headers and query is the same delivery."""
    call = good(subject)
    copy = replace(call, headers={**call.headers, "x-request-id": "other", "user-agent": "x"}, query={"n": "2"})
    with subject.desk() as desk:
        found = [subject.channel().accept(desk.accepting(), item) for item in (call, copy)]
    ids = [item.delivery_id if isinstance(item, Accepted) else None for item in found]
    if isinstance(found[1], Accepted) and (ids[0] is None or ids[0] != ids[1]):
        broken(f"a copy of a signed request became another delivery: {shown(ids)}")


@rule(
    "signature-secret",
    "silver",
    "With another secret, or none, the vendor's request is refused.",
    mend="Refuse everything while the secret is empty; an empty key signs for everybody.",
    needs=["ACCEPT"],
    method="accept",
)
def other_secret(subject: Subject) -> None:
    """The call is signed with the fixtures' secret, the channel has another one."""
    if not subject.secrets:
        broken("the channel declares no secret option, so that nothing can be proved")
    call = good(subject)
    for value in ("", "b3RoZXItc2VjcmV0LW9mLXRoZS1raXQ="):
        others: dict[str, Any] = dict.fromkeys(subject.secrets, value)
        with subject.desk() as desk:
            scheme = subject.kind.signature
            if scheme is not None and not signed(scheme, value, call.headers, call.body, now=NOW):
                continue
            result = tried(subject.channel().accept, desk.accepting(**others), call)
        if is_accepted(result.value):
            broken("a request is accepted though the secret is " + ("empty" if not value else "another one"))
