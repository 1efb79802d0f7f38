"""What the conformance kit needs to know of the English lexicon: texts beyond doubt, and texts without a ground."""

from __future__ import annotations

from voc.testkit import AnalyzerFixtures


class EnglishFixtures(AnalyzerFixtures):
    """English only."""

    negative = (
        ("This is a terrible product.", "en"),
        ("The worst service I ever had, awful.", "en"),
    )
    positive = (
        ("An excellent and wonderful place!", "en"),
        ("I am very happy with the perfect service.", "en"),
    )
    no_ground = (
        ("The parcel is on the table.", "en"),
        ("12345", "en"),
        ("esto es muy malo", "es"),
    )
