"""Guarded TCP connections for channels, with or without TLS."""

from __future__ import annotations

import socket
import ssl

from voc.net.addresses import AddressGuard

TIMEOUT = 20.0
CONNECT = 10.0


def connect(
    guard: AddressGuard,
    host: str,
    port: int,
    *,
    tls: bool = False,
    timeout: float = TIMEOUT,
    context: ssl.SSLContext | None = None,
) -> socket.socket:
    """A socket to `host`, whose certificate is checked when `tls`. `timeout` bounds each later step, in seconds.

    Raises NotAllowed (an OSError) for a private address, otherwise what sockets and `ssl` raise.
    """
    last: OSError | None = None
    for _family, address in guard.resolve(host, port):
        try:
            plain = socket.create_connection((address, port), timeout=min(timeout, CONNECT))
        except OSError as error:
            last = error
            continue
        plain.settimeout(timeout)
        if not tls:
            return plain
        try:
            return (context or ssl.create_default_context()).wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
    assert last is not None  # noqa: S101  (resolve gives at least one address)
    raise last
