"""Talking to the server: Mastodon.py on the host's guarded session, its errors told apart, its answers kept raw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn, cast
from urllib.parse import urlsplit

from voc.plugin import Context, Misconfigured, TryLater, Undeliverable

# Seconds for one request, less than a call of the plugin may take; the library's own default is five minutes.
REQUEST_SECONDS = 8
# Longest wait that a server may ask of us, in seconds.
LONGEST_WAIT = 3600.0
# What the host's session may raise by itself, and what must reach the host as it is.
OURS = (TryLater, Misconfigured, Undeliverable)
NOTIFICATIONS = "/api/v1/notifications"


class Trouble(Exception):
    """A request that did not work.

    `status` is that of the answer, None when there was none. `spoken` says that the answer came from the API itself
    (JSON with an `error`) and not from something before it. `after` is how many seconds the server asked to wait.
    """

    def __init__(self, reason: str, *, status: int | None = None, spoken: bool = False, after: float | None = None):
        self.status = status
        self.spoken = spoken
        self.after = after
        super().__init__(reason)

    @property
    def gone(self) -> bool:
        """The API says that what was asked for does not exist (any more)."""
        return self.spoken and self.status in (404, 410)

    def unsettled(self, what: str) -> NoReturn:
        """Raise what a person has to put right, or TryLater; for requests that change nothing."""
        if self.status in (401, 403):
            raise Misconfigured(f"{what}: {self}; check the access token and its scopes") from self
        if self.status is not None and (300 <= self.status < 400 or self.status in (404, 405, 410)):
            raise Misconfigured(f"{what}: {self}; check base_url") from self
        raise TryLater(f"{what}: {self}", after=self.after) from self


class Wire:
    """A session for the library that keeps the last answer, because the library keeps neither words nor headers."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.last: Any = None

    def request(self, method: str, url: str, **options: Any) -> Any:
        """As `requests.Session.request`. Redirects are not followed: a POST would quietly become a GET."""
        self.last = None
        if method == "GET" and url.endswith(NOTIFICATIONS):
            # The server hides what its filter takes for unwanted, private mentions of strangers above all.
            options["params"] = {**(options.get("params") or {}), "include_filtered": "true"}
        self.last = self._session.request(method, url, **{**options, "allow_redirects": False})
        return self.last


class Server:
    """One server, seen by the account that the token belongs to. `api` is the library's own client."""

    def __init__(self, ctx: Context) -> None:
        """Raises Misconfigured when the options cannot be right."""
        from mastodon import Mastodon

        if ctx.http is None:
            raise RuntimeError("this context was made without the host's HTTP session")
        self.base_url = checked_url(ctx.options.get("base_url"))
        self.host = urlsplit(self.base_url).netloc
        token = str(ctx.options.get("access_token") or "").strip()
        if not token:
            raise Misconfigured("there is no access_token")
        self._wire = Wire(ctx.http)
        self._now = ctx.now
        self.api: Any = Mastodon(
            api_base_url=self.base_url,
            # The library asks for a `requests.Session` and uses only its `request`.
            session=cast(Any, self._wire),
            ratelimit_method="throw",
            request_timeout=REQUEST_SECONDS,
            version_check_mode="none",
            user_agent="voc",
        )
        # Not as an argument: the library would open a file of that name, if there is one.
        self.api.access_token = token

    def ask(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Make one call of the library; returns the JSON as the server sent it. Raises Trouble."""
        from mastodon import MastodonError

        self._wire.last = None
        try:
            call(*args, **options)
        except MastodonError as error:
            raise self._trouble(error) from error
        answer = self._wire.last
        if 300 <= answer.status_code < 400:
            raise self._moved(answer)
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            raise Trouble(f"{self.host} sent an answer that is not JSON") from None

    def _trouble(self, error: Exception) -> Trouble:
        answer = self._wire.last
        if answer is None:
            cause = error.__context__
            if isinstance(cause, OURS):
                raise cause
            return Trouble(f"{self.host} cannot be reached: {short(_innermost(cause or error))}")
        status = int(answer.status_code)
        if 300 <= status < 400:
            return self._moved(answer)
        if status < 400:
            return Trouble(f"{self.host} sent an answer that is not JSON")
        said = _error_in(answer)
        reason = f"{self.host} answered {status}" + (f" ({short(said)})" if said else "")
        return Trouble(reason, status=status, spoken=said is not None, after=self._after(answer))

    def _moved(self, answer: Any) -> Trouble:
        to = short(str(answer.headers.get("Location", "")))
        return Trouble(f"{self.host} sends everybody on to {to}", status=int(answer.status_code))

    def _after(self, answer: Any) -> float | None:
        if answer.status_code not in (429, 503):
            return None
        return wait_of(answer.headers, self._now() if self._now else None)


def checked_url(value: Any) -> str:
    """The base URL without a slash at its end, https when it says nothing. Raises Misconfigured."""
    text = str(value or "").strip().rstrip("/")
    if text and "://" not in text:
        text = f"https://{text}"
    with suppress(ValueError):  # brackets that are never closed, for example
        parts = urlsplit(text)
        told = parts.username or parts.query or parts.fragment
        if parts.scheme in ("http", "https") and parts.hostname and not told and text.isprintable():
            return text
    raise Misconfigured("base_url must be the address of a server, such as https://mastodon.example")


def wait_of(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Seconds that these headers ask to wait (`Retry-After`, `X-RateLimit-Reset`); None when they say nothing.

    `Date` is the server's own clock, and times are counted from it when it is there.
    """
    with suppress(ValueError, TypeError):
        now = parsedate_to_datetime(headers.get("Date", ""))
    for name in ("Retry-After", "X-RateLimit-Reset"):
        value = str(headers.get(name) or "").strip()
        seconds = float(value) if value.isdecimal() and len(value) < 9 else None
        at = None if seconds is not None else _moment(value)
        if at is not None and now is not None and now.tzinfo is not None:
            seconds = (at - now).total_seconds()
        if seconds is not None:
            return min(max(seconds, 1.0), LONGEST_WAIT)
    return None


def _moment(value: str) -> datetime | None:
    """A time in any of the three forms that servers send, None when it is none of them."""
    with suppress(ValueError, TypeError, OverflowError, OSError):
        if value.isdecimal():
            return datetime.fromtimestamp(int(value), UTC)
        found = parsedate_to_datetime(value) if "," in value else datetime.fromisoformat(value)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _error_in(answer: Any) -> str | None:
    """What the API says is wrong; None when it was not the API that answered."""
    try:
        data = json.loads(answer.content)
    except (ValueError, RecursionError):
        return None
    said = data.get("error") if isinstance(data, dict) else None
    return str(said) if said else None


def _innermost(error: BaseException) -> str:
    """What went wrong, without the names of the parts of the HTTP library around it."""
    for inner in (error.args[0] if error.args else None, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            return _innermost(inner)
    first = error.args[0] if error.args else None
    text = first if isinstance(first, str) else str(error)
    return text.split("): ", 1)[-1] or type(error).__name__


def short(text: str) -> str:
    """One line of at most 300 characters, for a reason that is shown."""
    line = " ".join(text.split())
    return line if len(line) <= 300 else line[:299] + "…"
