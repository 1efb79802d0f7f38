"""A schedule that keeps every rule of the kit: it pings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc.plugin import Context, Misconfigured, Option, Options, Scheduled, TryLater

SETTINGS = Options(
    Option("base_url", "Where the watchdog is.", default="https://watchdog.example"),
    Option("token", "The word it wants to hear.", secret=True),
)


class GoodPing(Scheduled):
    """Tells a watchdog how many are left behind."""

    name = "ping"
    title = "Ping"
    minutes = 5
    wants = ("figures",)

    def run(self, ctx: Context, told: Mapping[str, Any]) -> str:
        """One POST."""
        try:
            answer = ctx.http.post(
                f"{ctx.options['base_url']}/ping",
                json={"people": told["figures"]["left_behind"]},
                headers={"Authorization": f"Bearer {ctx.options['token']}"},
            )
        except OSError as error:
            raise TryLater(f"the watchdog cannot be reached ({type(error).__name__})") from None
        if answer.status_code in (401, 404):
            raise Misconfigured("the watchdog does not know this token")
        if answer.status_code != 200:
            raise TryLater("the watchdog cannot now")
        return "The watchdog knows."
