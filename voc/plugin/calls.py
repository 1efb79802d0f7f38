"""Pushed deliveries: what a vendor's server sent to `/in/<channel key>`, and what the channel answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SignatureScheme = Literal["hmac-sha256-hex", "hmac-sha256-base64", "standard-webhooks"]


@dataclass(frozen=True, slots=True)
class Signature:
    """How a vendor signs: checked by the host over the raw bytes before the channel sees the call.

    `secret` names the option that holds the key. `header` carries the signature, after `prefix` (such as
    `sha256=`). `standard-webhooks` has headers of its own and a replay window of five minutes.
    """

    scheme: SignatureScheme
    secret: str
    header: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request as it came in. Header names are lower case; `query` holds the first value of each name."""

    method: Literal["GET", "POST"]
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """Store `body` as the raw thing. `delivery_id` is the vendor's own id; the same id again is the same delivery."""

    body: bytes
    content_type: str
    delivery_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the vendor and store nothing, such as the challenge of a subscription."""

    body: str
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Refused:
    """Store nothing and answer `status` (400 to 499); `reason` is for the log, never for the caller."""

    reason: str
    status: int = 400
