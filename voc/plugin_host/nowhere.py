"""What stands where the network stands elsewhere, for calls that have none."""

from __future__ import annotations

from typing import NoReturn

from voc.plugin import NotHere


def no_network(*_args: object, **_named: object) -> NoReturn:
    """Instead of `connect`; raises NotHere."""
    raise NotHere("accept has no network: keep the raw thing, and ask other servers in check, fetch or send")


class NoNetwork:
    """Instead of the HTTP session."""

    def __getattr__(self, name: str) -> NoReturn:
        no_network(name)
