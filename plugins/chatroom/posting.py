"""One POST to the webhook, and what its answer means. No sentence here holds the address, which is the secret."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from voc.plugin import Context, Misconfigured, TryLater, Undeliverable

LONGEST_WAIT = 3600.0
# What a server calls a thing that went wrong, such as no_service; longer words may be anything.
_WORD = re.compile(rb"[a-z][a-z_ ]{1,60}")


def post(ctx: Context, text: str, identity: str, *, room: str = "") -> None:
    """Write `text` into the room. Rooms know no idempotency, but what stands before one may: `identity` goes along.

    Raises Misconfigured, TryLater, and Undeliverable for a text that the room does not take.
    """
    address = str(ctx.options.get("webhook") or "").strip()
    host = host_of(address)
    body = {"text": text, **({"channel": room} if room else {})}
    try:
        answer = ctx.http.post(address, json=body, headers={"Idempotency-Key": identity}, allow_redirects=False)
        status, kind = int(answer.status_code), str(answer.headers.get("Content-Type") or "")
        after, said = str(answer.headers.get("Retry-After") or ""), bytes(answer.content)
    except ValueError:
        raise Misconfigured("the address of the chat room cannot be one; check webhook") from None
    except OSError as error:
        raise TryLater(f"the chat room at {host} cannot be reached: {why(error)}") from None
    if 200 <= status < 300 and "html" not in kind.lower():
        return
    word = said.decode() if _WORD.fullmatch(said) else ""
    answered = f"the chat room at {host} answered {status}" + (f" ({word})" if word else "")
    if status in (408, 425, 429) or status >= 500:
        known = after.isascii() and after.isdecimal()
        raise TryLater(answered, after=min(float(after), LONGEST_WAIT) if known else None)
    if status == 413 or word in ("msg_too_long", "no_text"):
        raise Undeliverable(answered)
    if status < 400:
        raise Misconfigured(f"at {host} is a web page and no chat room; check webhook")
    raise Misconfigured(f"{answered}; check webhook")


def host_of(address: str) -> str:
    """The host of the webhook, which may be told; raises Misconfigured for what is no address."""
    try:
        parts = urlsplit(address)
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        host = None
    if not host:
        raise Misconfigured("the address of the chat room must begin with https://; check webhook")
    return host


def why(error: BaseException) -> str:
    """What went wrong on the way, from the innermost error: the outer ones repeat the address."""
    for inner in (error.args[0] if error.args else None, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            return why(inner)
    text = str(error.args[0]) if error.args else type(error).__name__
    line = " ".join(text.split("): ", 1)[-1].split())
    return line[:200] if "/" not in line else type(error).__name__
