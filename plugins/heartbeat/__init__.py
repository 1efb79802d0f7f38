"""A sign of life for a watchdog outside: a ping while nobody is left behind, and the alarm when somebody is.

The watchdog (Healthchecks, or whatever takes the same addresses) knows one secret address. A GET of it says that all is
well, a POST to it with `/fail` behind says what is not, and its own alarm goes off when neither comes: then voc stands
still, or the way out is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from voc.plugin import Command, Context, Misconfigured, Option, Options, Scheduled, TryLater, hookimpl

# A proof that is older says nothing any more: it is taken every ten minutes.
OLD = timedelta(hours=1)
REFUSED = (400, 401, 403, 404, 405, 410)
LONGEST_WAIT = 3600.0

SETTINGS = Options(
    Option(
        "url",
        "The address of the check, as the watchdog shows it. Whoever knows it can ping.",
        required=True,
        secret=True,
    ),
    Option(
        "overdue", "Sound the alarm for overdue answers too, not only for people left behind.", "flag", default=False
    ),
)


class Ping(Scheduled):
    """Every five minutes."""

    name = "heartbeat"
    title = "Sign of life"
    minutes = 5
    wants = ("figures",)

    def run(self, ctx: Context, told: Mapping[str, Any]) -> str:
        """Say how the house stands."""
        assert ctx.now is not None  # noqa: S101  (for the type checker: the host always gives one)
        trouble = trouble_of(told["figures"], ctx.now(), overdue=bool(ctx.options.get("overdue")))
        if trouble:
            tell(ctx, "/fail", trouble)
            return f"The alarm was sounded: {trouble}"
        tell(ctx, "", "")
        return "All is well, and the watchdog knows."


class Test(Command):
    """Whether the watchdog hears."""

    name = "heartbeat-test"
    title = "Try the watchdog"
    help = "Sends one sign of life to the watchdog, or one alarm."
    options = Options(Option("alarm", "Sound the alarm instead, to see whether people hear it.", "flag", default=False))

    def run(self, ctx: Context, values: Mapping[str, Any]) -> Iterable[str]:
        """One ping."""
        if values["alarm"]:
            tell(ctx, "/fail", "this is a test: somebody ran heartbeat-test")
            yield "The watchdog took an alarm."
        else:
            tell(ctx, "", "")
            yield "The watchdog took a sign of life."


def trouble_of(figures: Mapping[str, Any], now: datetime, *, overdue: bool) -> str:
    """What is not well, in one sentence; empty when all is."""
    people, looked = figures.get("left_behind"), figures.get("looked_at")
    if people is None or looked is None:
        return "nobody has looked yet whether somebody is left behind"
    if now - looked > OLD:
        return f"nobody has looked since {looked:%Y-%m-%d %H:%M} UTC whether somebody is left behind"
    if people:
        return f"{people} people are left behind" if people > 1 else "1 person is left behind"
    late = figures.get("overdue") or 0
    if overdue and late:
        return f"{late} answers are overdue" if late > 1 else "1 answer is overdue"
    return ""


def tell(ctx: Context, ending: str, words: str) -> None:
    """One ping; raises Misconfigured or TryLater in words that do not hold the address, which is the secret."""
    address = str(ctx.options.get("url") or "").rstrip("/")
    if not address.startswith(("https://", "http://")):
        raise Misconfigured("the address of the watchdog must begin with https://")
    try:
        if ending:
            headers = {"Content-Type": "text/plain"}
            answer = ctx.http.post(address + ending, data=words.encode(), headers=headers, allow_redirects=False)
        else:
            answer = ctx.http.get(address, allow_redirects=False)
        status, after = int(answer.status_code), answer.headers.get("Retry-After", "")
    except ValueError:
        raise Misconfigured("the address of the watchdog is none") from None
    except OSError as error:
        raise TryLater(f"the watchdog cannot be reached ({type(error).__name__})") from None
    if status in REFUSED:
        raise Misconfigured(f"the watchdog does not know this address (status {status})")
    if 300 <= status < 400:
        # A page to sign in would say that all is well.
        raise Misconfigured(f"the watchdog sends on to another address: give that one (status {status})")
    if not 200 <= status < 300:
        wait = min(float(after), LONGEST_WAIT) if after.isascii() and after.isdecimal() else None
        raise TryLater(f"the watchdog cannot now (status {status})", after=wait)


@hookimpl
def voc_settings() -> Options:
    """Where the watchdog is."""
    return SETTINGS


@hookimpl
def voc_schedules() -> list[Scheduled]:
    """The ping."""
    return [Ping()]


@hookimpl
def voc_commands() -> list[Command]:
    """The test."""
    return [Test()]
