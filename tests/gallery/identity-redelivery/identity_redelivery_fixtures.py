"""Without samples, whose identity would be another one."""

from __future__ import annotations

from .good_fixtures import GoodFixtures


class Without(GoodFixtures):
    """No samples."""

    samples = ()
