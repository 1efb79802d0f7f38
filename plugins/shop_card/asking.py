"""One GET, and what the shop's answer means. Neither the token nor the customer stands in any sentence here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from voc.plugin import Context, CustomerFacts, Misconfigured, Panel, Row, TryLater

MOST_ROWS = 20
LARGEST = 200_000
LONGEST_WAIT = 3600.0
# Minutes until the shop is asked again: a week.
LONGEST_PAUSE = 10_080
TONES = ("plain", "good", "warning", "bad")


def ask(ctx: Context, customer: CustomerFacts) -> Panel | None:
    """What the shop shows of this customer; None for whom it does not know, or who cannot be named to it.

    Raises Misconfigured and TryLater.
    """
    query = query_of(customer)
    if query is None:
        return None
    minutes = pause_of(ctx)
    data = _answered(ctx, str(ctx.options.get("base_url") or "").strip(), query)
    if data is None:
        return None
    if not isinstance(data, dict) or not isinstance(data.get("rows", []), list):
        raise Misconfigured("the shop answered with something that is no panel; check base_url")
    rows = tuple(row for item in data.get("rows", []) if (row := row_of(item)))[:MOST_ROWS]
    text = data.get("text")
    until = ctx.now() + timedelta(minutes=minutes) if ctx.now and minutes else None
    return Panel(rows, text if isinstance(text, str) else "", until)


def pause_of(ctx: Context) -> int:
    """Minutes until it is asked again, 0 for never; raises Misconfigured for what cannot be."""
    minutes = ctx.options.get("refresh_minutes") or 0
    if not isinstance(minutes, int) or not 0 <= minutes <= LONGEST_PAUSE:
        raise Misconfigured(f"refresh_minutes must be from 0 (never) to {LONGEST_PAUSE}")
    return minutes


def query_of(customer: CustomerFacts) -> dict[str, str] | None:
    """By what the shop knows the customer: its own number, else the address."""
    if customer.external_id:
        return {"external_id": customer.external_id}
    return {"email": customer.email} if customer.email else None


def row_of(item: Any) -> Row | None:
    """One line of the answer; None for what is none. Numbers are written down as they are."""
    if not isinstance(item, Mapping):
        return None
    label, value = _word(item.get("label")), _word(item.get("value"))
    if not label and not value:
        return None
    link, tone = item.get("link"), item.get("tone")
    return Row(label, value, link if isinstance(link, str) else None, tone if tone in TONES else "plain")


def _word(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)


def _answered(ctx: Context, address: str, query: Mapping[str, str]) -> Any:
    """The JSON of the answer, None where the shop knows nobody."""
    host = host_of(address)
    token = str(ctx.options.get("token") or "").strip()
    headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    try:
        answer = ctx.http.get(address, params=dict(query), headers=headers, allow_redirects=False)
        status, body = int(answer.status_code), bytes(answer.content)
        after = str(answer.headers.get("Retry-After") or "")
    except ValueError:
        raise Misconfigured("base_url or the token cannot be used as they are") from None
    except OSError as error:
        raise TryLater(f"the shop at {host} cannot be reached: {why(error)}") from None
    if status in (204, 404):
        return None
    if status in (401, 403):
        raise Misconfigured(f"the shop at {host} answered {status}; check the token")
    if status in (408, 425, 429) or status >= 500:
        wait = min(float(after), LONGEST_WAIT) if after.isascii() and after.isdecimal() else None
        raise TryLater(f"the shop at {host} answered {status}", after=wait)
    if status != 200:
        raise Misconfigured(f"the shop at {host} answered {status}; check base_url")
    try:
        return json.loads(body[:LARGEST].decode())
    except (ValueError, RecursionError):
        raise Misconfigured("the shop answered with something that is no panel; check base_url") from None


def host_of(address: str) -> str:
    """The host that is asked; raises Misconfigured for what is no address."""
    try:
        parts = urlsplit(address)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.username is None else None
    except ValueError:
        host = None
    if not host:
        raise Misconfigured("base_url must be an address such as https://shop.example/voc")
    return host


def why(error: BaseException) -> str:
    """What went wrong on the way, from the innermost error: the outer ones repeat the address with the customer in
    it."""
    for inner in (error.args[0] if error.args else None, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            return why(inner)
    text = str(error.args[0]) if error.args else type(error).__name__
    line = " ".join(text.split("): ", 1)[-1].split())
    return line[:200] if "?" not in line and "=" not in line else type(error).__name__
