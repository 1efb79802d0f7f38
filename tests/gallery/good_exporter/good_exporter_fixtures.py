"""Nothing to say."""

from __future__ import annotations

from voc.testkit import OfferFixtures


class LinesFixtures(OfferFixtures):
    """For the format."""
