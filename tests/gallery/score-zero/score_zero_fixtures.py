"""Without the sample that knows a 0."""

from __future__ import annotations

from .good_fixtures import GoodFixtures


class Without(GoodFixtures):
    """No samples."""

    samples = ()
