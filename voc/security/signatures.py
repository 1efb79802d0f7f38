"""Signatures of deliveries that vendors push, over the raw bytes, in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from voc.plugin import Signature

# How far a signed time may lie from ours, in seconds (Standard Webhooks).
WINDOW = 300


def signed(scheme: Signature, secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Whether `body` carries a right signature under `secret`. Header names are lower case; never raises."""
    if scheme.scheme == "standard-webhooks":
        return _standard(secret, headers, body, now)
    given = headers.get(scheme.header.lower(), "")
    if not given.startswith(scheme.prefix):
        return False
    given = given[len(scheme.prefix) :].strip()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    expected = digest.hex() if scheme.scheme == "hmac-sha256-hex" else base64.b64encode(digest).decode()
    if scheme.scheme == "hmac-sha256-hex":
        given = given.lower()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _standard(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """https://www.standardwebhooks.com: `v1,<base64>` over id, time and body; several signatures may be given."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(now.timestamp() - int(stamp)) > WINDOW:
        return False
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = hmac.new(key, f"{message_id}.{stamp}.".encode("utf-8", "replace") + body, hashlib.sha256).digest()
    wanted = base64.b64encode(expected)
    for part in headers.get("webhook-signature", "").split():
        version, _, given = part.partition(",")
        if version == "v1" and hmac.compare_digest(wanted, given.encode("utf-8", "replace")):
            return True
    return False
