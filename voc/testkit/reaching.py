"""Whether the vendor of the fixtures can be had at all: tried once, before the rules that need it blame the channel."""

from __future__ import annotations

import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from voc.net.connect import connect
from voc.testkit.desk import PATIENCE, Loopback

# Seconds that a vendor may take to start, and how many of its addresses are tried.
STARTING = 20.0
MOST_ADDRESSES = 10
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """Where options lead: `shown` without a path, a name or a password, which may be secret."""

    shown: str
    host: str
    port: int

    @property
    def near(self) -> bool:
        """Whether it is one of this machine, the only one that the kit knows."""
        try:
            return bool(Loopback().resolve(self.host, self.port))
        except socket.gaierror:
            return False


def absence(
    make: Callable[[], AbstractContextManager[Any] | None], options: Mapping[str, Any], within: float = STARTING
) -> str:
    """Why the vendor that `make` gives cannot be had, in a sentence; empty when it can, or when there need be none.

    `options` are those that the channel has without it.
    """
    said: list[str] = []
    thread = threading.Thread(target=lambda: said.append(_tried(make, options)), name="vendor", daemon=True)
    thread.start()
    thread.join(within)
    return said[0] if said else f"the vendor of fixtures.py did not start within {within:g} seconds"


def _tried(make: Callable[[], AbstractContextManager[Any] | None], options: Mapping[str, Any]) -> str:
    try:
        made = make()
        if made is None:
            return ""
        with made as vendor:
            return _silent(vendor.options, options)
    except NotImplementedError as error:
        return f"there is no vendor to ask ({_words(error)})"
    except BaseException as error:  # noqa: BLE001  the plugin border: even SystemExit is only its own
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename.endswith("/fixtures.py")]
        place = f" (line {lines[-1]})" if lines else ""
        return (
            f"the vendor of fixtures.py cannot be started: {type(error).__name__}: {_words(error)}".rstrip(": ") + place
        )


def _silent(own: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    """Which of the addresses in its options nobody listens at.

    An address elsewhere beside one on this machine is only some option; alone it is where the channel would ask, and
    the kit knows no other machine. Where the vendor names no address, those of the channel's own options may be it.
    """
    found = addresses(own)
    near = [address for address in found or addresses({**others, **own}) if address.near]
    for address in (near or found)[:MOST_ADDRESSES]:
        try:
            connect(Loopback(), address.host, address.port, timeout=PATIENCE).close()
        except OSError as error:
            return f"the vendor of fixtures.py cannot be reached at {address.shown}: {_words(error)}"
    return ""


def addresses(options: Mapping[str, Any]) -> list[Address]:
    """The servers that options name: by an URL, or by `host` and `port` with the same beginning (`imap_host`)."""
    found = []
    for name, value in options.items():
        if not isinstance(value, str):
            continue
        if "://" in value:
            found += _of_url(value)
        elif name == "host" or name.endswith("_host"):
            port = options.get(f"{name.removesuffix('host')}port")
            if value and isinstance(port, int) and 0 < port < 65_536:
                found.append(Address(f"{value}:{port}", value, port))
    return found


def _of_url(value: str) -> list[Address]:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return []
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    return [Address(shown, host, port)] if host and port else []


def _words(error: BaseException) -> str:
    """What an exception says, for the end of a sentence."""
    text = " ".join(str((isinstance(error, OSError) and error.strerror) or error).split())[:300].rstrip(".")
    return text[:1].lower() + text[1:] if isinstance(error, OSError) else text
