"""`voc verify`: on the live data, is everything still true that must always be true? Says what is not, and what to do.

docs/invariants.md tells for each invariant which part is proved here and which only by the tests.
"""

from __future__ import annotations

from voc.pipeline.verify.report import Finding, Report
from voc.pipeline.verify.run import every_check, summary, verify

__all__ = ["Finding", "Report", "every_check", "summary", "verify"]
