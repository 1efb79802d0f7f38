"""The WSGI callable before both applications: the API's and the pages'.

They share a process and an address space of paths and nothing else. A request of a program meets no session, no
CSRF check, no translation and no sign-in library, which keeps accepting feedback fast, and each side keeps its own
error handlers. Here every answer is counted by status class, and the API's get their security headers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
# Outside /api, for whatever looks after the process.
WATCHED = frozenset({"/healthz", "/readyz", "/metrics"})

_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000")


class Traffic:
    """How many answers of each status class this process has given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(CLASSES, 0)

    def count(self, status: str) -> None:
        """One more answer; `status` as in WSGI, "201 CREATED"."""
        name = f"{status[:1]}xx"
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1

    def counts(self) -> dict[str, int]:
        """Answers by class."""
        with self._lock:
            return dict(self._counts)


def is_api(path: str) -> bool:
    """Whether the API's application answers this path."""
    return path.startswith(("/api/", "/in/")) or path == "/api" or path in WATCHED


class FrontDoor:
    """Sends a request to the application it is for."""

    def __init__(self, pages: WSGIApplication, api: WSGIApplication, traffic: Traffic) -> None:
        self._pages = pages
        self._api = api
        self._traffic = traffic

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        traffic = self._traffic
        if not is_api(environ.get("PATH_INFO", "")):

            def counted(status, headers, exc_info=None):  # type: ignore[no-untyped-def]  # as in PEP 3333
                traffic.count(status)
                return start_response(status, headers, exc_info)

            return self._pages(environ, counted)
        https = environ.get("wsgi.url_scheme") == "https"

        def guarded(status, headers, exc_info=None):  # type: ignore[no-untyped-def]  # as in PEP 3333
            traffic.count(status)
            present = [name for name, _ in headers]
            headers += [header for header in _HEADERS if header[0] not in present]
            if https:
                headers.append(_HSTS)
            return start_response(status, headers, exc_info)

        return self._api(environ, guarded)
