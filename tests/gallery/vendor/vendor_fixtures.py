"""The vendor is up, and its options lead elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

from .good_fixtures import GoodFixtures


class Astray(GoodFixtures):
    """Nobody listens at port 1."""

    @contextmanager
    def vendor(self):
        """Only its address."""
        yield SimpleNamespace(trouble=None, got=(), options={"base_url": "http://127.0.0.1:1"})
