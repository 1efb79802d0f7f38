"""Looking over an instance: what is wrong, and what to do about it. Works also when the server cannot start."""

from __future__ import annotations

from voc.runtime.doctor.examination import examine
from voc.runtime.doctor.finding import Finding
from voc.runtime.doctor.key import Lost, new_key

__all__ = ["Finding", "Lost", "examine", "new_key"]
