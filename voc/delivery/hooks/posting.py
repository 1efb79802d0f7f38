"""One POST through the guarded client; what went wrong in few words."""

from __future__ import annotations

from collections.abc import Mapping

from voc.net.addresses import AddressGuard

# Seconds for the connection, and for each wait after it: a receiver has to take it, not to work on it.
TIMEOUTS = (5.0, 10.0)
AGENT = "voc-webhooks"
LONGEST_REASON = 300


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: str) -> tuple[int | None, str | None]:
    """(HTTP status, reason of the failure): status None when nobody answered, reason None for a status of 200 to 299.

    `private` names the private networks that may be talked to. Redirects are not followed: the receiver's address is
    the one that somebody entered.
    """
    # Late: what sends nothing does not pay for the library.
    import requests
    from urllib3.exceptions import HTTPError

    from voc.net import http

    sent = {**headers, "content-type": "application/json", "user-agent": AGENT}
    with http.session(AddressGuard.of(private), timeouts=TIMEOUTS) as session:
        try:
            # Not read: what a receiver says besides its status is nobody's business here.
            answer = session.post(url, data=body, headers=sent, allow_redirects=False, stream=True)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            return None, reason_of(error)
        answer.close()
    if 200 <= answer.status_code < 300:
        return answer.status_code, None
    return answer.status_code, f"it answered {answer.status_code}"


def reason_of(error: BaseException) -> str:
    """What went wrong, without the names of the library's parts around it."""
    first = error.args[0] if error.args else None
    for inner in (first, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            return reason_of(inner)
    text = first if isinstance(first, str) else str(error)
    line = " ".join(text.split("): ", 1)[-1].split())
    return (line or type(error).__name__)[:LONGEST_REASON]
