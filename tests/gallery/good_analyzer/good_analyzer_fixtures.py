"""Texts beyond doubt."""

from __future__ import annotations

from voc.testkit import AnalyzerFixtures


class Texts(AnalyzerFixtures):
    """Spanish."""

    negative = (("esto es malo", "es"),)
    positive = (("esto es bueno", "es"),)
    no_ground = (("esto es una mesa", "es"),)
