"""The watchdog does not start."""

from __future__ import annotations

from .good_fixtures import PingFixtures


class Astray(PingFixtures):
    """No port is left for it."""

    def vendor(self):
        """Nobody."""
        raise OSError("no port is left")
