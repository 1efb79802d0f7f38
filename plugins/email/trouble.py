"""What goes wrong with other people's servers, as what the host can do about it, in words for the channel's page."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from os import dup
from typing import Any

from voc.plugin import Misconfigured, TryLater

# Seconds one step may take.
STEP = 20.0
_ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")

Connect = Callable[..., socket.socket]


def said(reply: Any, limit: int = 200) -> str:
    """A server's own words: one line, bounded, addresses masked, since reasons are logged."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return _ADDRESS.sub("***", " ".join(_CONTROL.sub(" ", text).split()))[:limit]


def of_connection(error: OSError, host: str, port: int) -> TryLater | Misconfigured:
    """What a failure to connect, or to stay connected, means."""
    where = f"{host}, port {port}"
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_NONAME:
            return Misconfigured(f"there is no host {host}")
        return TryLater(f"the name {host} could not be looked up just now")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured(f"the certificate of {where} is not to be trusted: {said(error.verify_message)}")
    if isinstance(error, ssl.SSLError) and "WRONG_VERSION" in str(error.reason):
        return Misconfigured(f"{where} does not speak TLS; check port and security")
    if isinstance(error, TimeoutError):
        return TryLater(f"{where} did not answer in time")
    if isinstance(error, ConnectionRefusedError):
        return TryLater(f"nothing listens at {where}")
    if error.errno is None and str(error) and not isinstance(error, ssl.SSLError):
        # The host's guard speaks for itself: which address it is, and which setting would allow it.
        return Misconfigured(said(error, 300))
    return TryLater(f"the connection to {where} was lost ({said(error.strerror or error)})")


class Alarm:
    """Ends a connection after so many seconds, whatever the other side does: a timeout of a socket starts again with
    every byte, and a server may send one a minute."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self.rang = False
        # A descriptor of its own: the connection may be wrapped in TLS meanwhile.
        self._twin = socket.socket(fileno=dup(connection.fileno()))
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        self.rang = True
        with suppress(OSError):
            self._twin.shutdown(socket.SHUT_RDWR)

    def off(self) -> None:
        """The conversation is over. May be called again."""
        self._timer.cancel()
        self._timer.join()
        self._twin.close()
