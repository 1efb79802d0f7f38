"""Without the sample that has no time."""

from __future__ import annotations

from .good_fixtures import GoodFixtures


class Without(GoodFixtures):
    """No samples."""

    samples = ()
