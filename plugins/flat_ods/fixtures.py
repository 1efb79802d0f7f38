"""What the conformance kit needs: a format has no settings and nobody on the other side."""

from __future__ import annotations

from voc.testkit import OfferFixtures


class FlatOdsFixtures(OfferFixtures):
    """Nothing to say."""
