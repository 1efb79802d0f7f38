"""The guarded HTTP session that channels and webhooks use: `requests` with deadlines, the address guard and a limit.

Imported when something is to be asked: `requests` costs a start tens of milliseconds.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.poolmanager import PoolManager

from voc.net.addresses import AddressGuard, NotAllowed
from voc.net.connect import connect

# Seconds for the connection, and for each wait after it.
TIMEOUTS = (5.0, 20.0)
MOST_BYTES = 20_000_000
MOST_REDIRECTS = 5


class TooLarge(requests.RequestException):
    """The answer is longer than the limit; what came of it was thrown away."""


def session(guard: AddressGuard, *, timeouts: tuple[float, float] = TIMEOUTS) -> requests.Session:
    """A session whose every connection, redirects included, passes `guard`. No proxy and no netrc is asked."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = MOST_REDIRECTS
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(guard, timeouts))
    return made


def _open(guard: AddressGuard, connection: HTTPConnection) -> socket.socket:
    """What urllib3 calls for a new connection."""
    timeout = connection.timeout if isinstance(connection.timeout, (int, float)) else TIMEOUTS[0]
    try:
        return connect(guard, connection.host, connection.port or connection.default_port, timeout=timeout)
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "connecting took too long") from error
    except NotAllowed as error:
        raise NewConnectionError(connection, str(error)) from error
    except OSError as error:
        raise NewConnectionError(connection, f"no connection: {error}") from error


class _Adapter(HTTPAdapter):
    """Connections through the guard, time limits by default, answers of bounded length."""

    def __init__(self, guard: AddressGuard, timeouts: tuple[float, float]) -> None:
        self._guard = guard
        self._timeouts = timeouts
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Pools whose connections are opened by `_open`."""
        guard = self._guard

        class Plain(HTTPConnection):
            _new_conn = lambda self: _open(guard, self)  # noqa: E731  (the name is urllib3's)

        class Secure(HTTPSConnection):
            _new_conn = lambda self: _open(guard, self)  # noqa: E731

        plain_pool = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure_pool = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": plain_pool, "https": secure_pool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """As requests does, with a time limit and without reading more than the limit."""
        response = super().send(request, True, timeout or self._timeouts, verify, cert, proxies)
        if not stream:
            response._content = _bounded(response)
            response._content_consumed = True
        return response


def _bounded(response: requests.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in iter(partial(next, response.iter_content(65_536), None), None):
        size += len(part)
        if size > MOST_BYTES:
            response.close()
            raise TooLarge(f"the answer is longer than {MOST_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)
