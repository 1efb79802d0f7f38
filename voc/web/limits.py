"""How often one address may do something: Flask-Limiter in memory, right for one web process."""

from __future__ import annotations

import ipaddress

from flask import Flask, request
from flask_limiter import Limiter
from limits import parse


def address() -> str:
    """Who is counted: the IPv4 address, or the /64 network of an IPv6 one (a household has all of it)."""
    remote = request.remote_addr or "unknown"
    try:
        parsed = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    if parsed.version == 4:
        return remote
    return str(ipaddress.ip_network((parsed, 64), strict=False))


# What is counted, and when, say the views: they answer in their own words and keep what was typed.
limiter = Limiter(address, storage_uri="memory://")


def install(app: Flask) -> None:
    """Give `app` fresh counters."""
    limiter.init_app(app)


def allow(rate: str, what: str) -> bool:
    """Count one more `what` by this address; False when that is over `rate` (`30/minute`)."""
    return limiter.limiter.hit(parse(rate), what, address())


def seconds(rate: str) -> int:
    """After how many seconds somebody over `rate` may try again for certain."""
    return int(parse(rate).get_expiry())
