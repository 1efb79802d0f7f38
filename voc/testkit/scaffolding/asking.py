"""How a new plugin understands the server it asks: the parts of its code that are the same whatever it offers."""

from __future__ import annotations

# What went wrong before there was an answer, and an answer to somebody who may not ask.
REFUSED = """\
    except ValueError as error:  # it was never asked: the address is none, or the token cannot stand in a header
        raise Misconfigured(f"the server cannot be asked: check base_url and token ({type(error).__name__})") from None
    except OSError as error:
        raise TryLater(f"the server cannot be reached ({type(error).__name__})") from None
    if answer.status_code in (401, 403):
        raise Misconfigured("the server refuses the token: make a new one")"""

# An answer that says to wait, one that is no success, and what is in one that is.
ANSWERED = """\
    if answer.status_code == 429:
        wait = str(answer.headers.get("Retry-After") or "")
        raise TryLater("too many requests", after=float(wait) if wait.isdecimal() else None)
    if answer.status_code not in (200, 201):
        raise TryLater(f"the server answers {answer.status_code}")
    try:
        found = answer.json()
    except ValueError:
        raise TryLater("the server sends no JSON") from None
    if not isinstance(found, dict):
        raise TryLater("the server sends something else")
    return found"""


def with_answers(code: str) -> str:
    """Code of a request with these parts in the places `@refused@` and `@answered@`, each on a line of its own."""
    return code.replace("@refused@", REFUSED).replace("@answered@", ANSWERED)
