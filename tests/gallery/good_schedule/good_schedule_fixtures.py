"""A watchdog on loopback."""

from __future__ import annotations

from voc.testkit import Answer, Asked, HttpVendor, OfferFixtures

TOKEN = "a-made-up-token"


class Watchdog(HttpVendor):
    """Takes pings."""

    def answer(self, asked: Asked) -> Answer:
        """A ping, or somebody else."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer({"error": "who are you?"}, 401)
        self.take(asked.path, asked.body.decode())
        return Answer("OK")


class PingFixtures(OfferFixtures):
    """For the ping."""

    settings = {"token": TOKEN}

    def vendor(self):
        """The watchdog."""
        return Watchdog.running()
