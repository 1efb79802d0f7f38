"""Says nothing of the schedule."""

from __future__ import annotations
