"""What the conformance kit needs: a watchdog on loopback that takes pings at one secret address."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from voc.testkit import NOW, Answer, Asked, HttpVendor, OfferFixtures

SECRET = "a-made-up-check"  # noqa: S105  it is made up


class Watchdog(HttpVendor):
    """Keeps what it was told."""

    sends = ("GET", "POST")

    @property
    def options(self) -> Mapping[str, Any]:
        """The address with the secret in it."""
        return {"url": f"{self.url}/ping/{SECRET}"}

    def answer(self, asked: Asked) -> Answer:
        """A ping, an alarm, or somebody else."""
        if not asked.path.startswith(f"/ping/{SECRET}"):
            return Answer({"error": "not found"}, 404)
        self.take(asked.path.removeprefix(f"/ping/{SECRET}"), asked.body.decode())
        return Answer("OK")


class HeartbeatFixtures(OfferFixtures):
    """Somebody is left behind, so that the alarm is tried."""

    figures = {"open": 3, "overdue": 1, "left_behind": 2, "looked_at": NOW, "waiting": 0, "quarantined": 0}

    def vendor(self) -> AbstractContextManager[Watchdog]:
        """The watchdog."""
        return Watchdog.running()
