"""What `smtplib` lacks: an end for the whole conversation, whatever the server does. Imported when mail is sent."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable


class Watchdog:
    """Ends a connection `seconds` after the watchdog was made.

    A timeout of a socket starts again with every byte, so a server that dribbles could hold the worker for hours.
    The watchdog holds a duplicate of the descriptor: shutting that down wakes the reader even inside TLS.
    """

    def __init__(self, seconds: float) -> None:
        self.fired = False
        self._end = time.monotonic() + seconds
        self._twin: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def watch(self, connection: socket.socket) -> None:
        """Start with a fresh connection; raises TimeoutError when the time is over already."""
        left = self._end - time.monotonic()
        if left <= 0:
            self.fired = True
            raise TimeoutError("timed out")
        self._twin = connection.dup()
        self._timer = threading.Timer(left, self._fire)
        self._timer.daemon = True
        self._timer.start()

    def _fire(self) -> None:
        self.fired = True
        if self._twin is not None:
            with contextlib.suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """The conversation is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._twin is not None:
            self._twin.close()


class Client(smtplib.SMTP):
    """An SMTP connection that is watched from its first byte; with `context` it speaks TLS at once."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        context: ssl.SSLContext | None,
        watch: Callable[[socket.socket], None],
    ) -> None:
        self._context = context
        self._watch = watch
        super().__init__(host, port, local_hostname=own_name(), timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The seam `smtplib` itself uses for TLS."""
        connection = socket.create_connection((host, port), timeout)
        try:
            self._watch(connection)
            if self._context is None:
                return connection
            return self._context.wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise

    def leave(self, patience: float = 2.0) -> None:
        """Say goodbye and close. Nothing that goes wrong here matters: what was decided was decided before."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self.sock is not None:
                self.sock.settimeout(patience)
                self.quit()
        with contextlib.suppress(OSError):
            self.close()


def own_name() -> str:
    """What we call ourselves: the host's name when it is a full one, else an address literal (RFC 5321, 4.1.3).

    `socket.getfqdn()` asks the name server and may block for as long as that one likes.
    """
    name = socket.gethostname()
    return name if "." in name and name.isascii() and " " not in name else "[127.0.0.1]"
