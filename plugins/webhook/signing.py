"""Whether a delivery was sent by whom it should: three ways, chosen by an option, all over the raw bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voc.plugin import HttpCall

STANDARD, HMAC, WORD, NONE = "standard-webhooks", "hmac-sha256", "word", "none"
SCHEMES = (STANDARD, HMAC, WORD, NONE)
# Where a signature or a word stands unless the option says otherwise.
HEADERS = {HMAC: "x-hub-signature-256", WORD: "authorization"}
# How far a timestamp may be from our clock, in seconds.
WINDOW = 300


def missing_secret(options: Mapping[str, Any]) -> str | None:
    """Why nothing can be believed with these options; None when it can."""
    scheme, secret = options.get("signature") or STANDARD, str(options.get("secret") or "")
    if scheme == NONE:
        return None
    if not secret.strip():
        return f"signature is {scheme} and there is no secret"
    if scheme == STANDARD and not standard_key(secret):
        return "the secret of standard-webhooks must be whsec_ and base64"
    return None


def wrong(options: Mapping[str, Any], call: HttpCall, now: datetime | None) -> str | None:
    """Why this delivery is not believed, for the log; None when it is."""
    scheme, secret = options.get("signature") or STANDARD, str(options.get("secret") or "").strip()
    if scheme == NONE:
        return None
    if reason := missing_secret(options):
        return reason
    if scheme == STANDARD:
        return _wrong_standard(secret, call, now)
    value = call.headers.get(str(options.get("header") or HEADERS[scheme]).strip().lower(), "").strip()
    if not value:
        return "there is no signature"
    if scheme == HMAC:
        digest = hmac.new(secret.encode(), call.body, hashlib.sha256).digest()
        return None if hmac.compare_digest(digest, _signature(value)) else "the signature is another one"
    word = value.split(" ", 1)[1].strip() if value.lower().startswith("bearer ") else value
    return None if hmac.compare_digest(secret.encode(), word.encode()) else "the word is another one"


def _wrong_standard(secret: str, call: HttpCall, now: datetime | None) -> str | None:
    """As https://www.standardwebhooks.com says: id, time and body are signed together."""
    identity, at, given = (call.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not identity or not given or not at.isdecimal() or len(at) > 12:
        return "there is no webhook-id, webhook-timestamp or webhook-signature"
    if now is None or abs(now.timestamp() - int(at)) > WINDOW:
        return "it was signed too long ago, or by a clock that is wrong"
    key = standard_key(secret) or b""
    digest = hmac.new(key, b".".join((identity.encode(), at.encode(), call.body)), hashlib.sha256).digest()
    # Several signatures while the sender changes its secret; each begins with its version.
    for signature in given.split(" ")[:10]:
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(digest, _decoded(value)):
            return None
    return "the signature is another one"


def standard_key(secret: str) -> bytes | None:
    """The key in a `whsec_…` secret, None when it is not base64 or empty."""
    return _decoded(secret.strip().removeprefix("whsec_")) or None


def _signature(value: str) -> bytes:
    """The bytes of a signature in hex or base64, with or without `sha256=`; empty when it is neither."""
    text = value.removeprefix("sha256=")
    if len(text) == 64:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return b""
    return _decoded(text)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
