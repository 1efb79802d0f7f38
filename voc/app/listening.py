"""Taking the port, and room for the connections that come in on it."""

from __future__ import annotations

import contextlib
import errno
import resource
import socket

from voc.core.errors import SettingError

BACKLOG = 1024  # connections the kernel accepts for us before we ask for them
_SPARE_FILES = 256  # descriptors for everything but connections: database, temporary files, children


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, IPv4 first where a name has several addresses; SettingError when it cannot be had."""
    if not 0 <= port <= 65535:
        raise SettingError("VOC_PORT", f"must lie between 0 and 65535, not {port}")
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise SettingError("VOC_HOST", f"is not an address of this machine: {host!r}") from None
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        # A restart must not wait until the connections of its predecessor are forgotten; two listeners on one port
        # are still refused.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(error, host, port) from None
    return listener


def room_for(connections: int) -> int:
    """Raise the limit on open files as far as `connections` need it, and return how many connections fit.

    Without this the usual limit of 1,024 would be met first, and a server that cannot accept spins.
    """
    wanted = connections + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    reached = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (reached, hard))
        soft = reached
    return min(connections, max(soft // 2, soft - _SPARE_FILES))


def _refused(error: OSError, host: str, port: int) -> SettingError:
    """What an error of bind() or listen() means for the person who starts the server."""
    if error.errno == errno.EADDRINUSE:
        return SettingError("VOC_PORT", f"port {port} is already in use on {host or 'this machine'}")
    if error.errno in (errno.EACCES, errno.EPERM):
        return SettingError("VOC_PORT", f"this user may not open port {port}; choose one from 1024 on")
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return SettingError("VOC_HOST", f"is not an address of this machine: {host!r}")
    return SettingError("VOC_PORT", f"port {port} cannot be opened: {error.strerror}")
