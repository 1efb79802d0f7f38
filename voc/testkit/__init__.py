"""The conformance kit: rules that every plugin is held to, bundled ones too. A plugin's fixtures and tests import it.

Checks are plain functions in `voc.testkit.rules`; `voc plugin check` runs them in a child with limits, `ChannelSuite`
as tests of pytest.
"""

from __future__ import annotations

from voc.testkit.desk import Desk
from voc.testkit.fixtures import BUSY, AnalyzerFixtures, Fixtures, Got, OfferFixtures, Trouble, Vendor, submission
from voc.testkit.rule import LEVELS, RULES, Level, Rule
from voc.testkit.running import Outcome, guesses, left_out, reached, run, summary, verdict
from voc.testkit.said import NOW, Said, Sample
from voc.testkit.suite import ChannelSuite
from voc.testkit.vendor import Answer, Asked, HttpVendor

__all__ = [
    "BUSY",
    "LEVELS",
    "NOW",
    "RULES",
    "AnalyzerFixtures",
    "Answer",
    "Asked",
    "ChannelSuite",
    "Desk",
    "Fixtures",
    "Got",
    "HttpVendor",
    "Level",
    "OfferFixtures",
    "Outcome",
    "Rule",
    "Said",
    "Sample",
    "Trouble",
    "Vendor",
    "guesses",
    "left_out",
    "reached",
    "run",
    "submission",
    "summary",
    "verdict",
]
