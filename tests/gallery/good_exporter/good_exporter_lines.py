"""A format that keeps every rule of the kit: JSON lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from voc.plugin import Exporter


class GoodLines(Exporter):
    """One JSON object a line."""

    name = "lines"
    title = "Lines"
    suffix = ".jsonl"

    def rows(self, columns: Sequence[str], records: Sequence[Mapping[str, Any]], first: int) -> bytes:
        """Its lines."""
        return "".join(json.dumps(dict(record)) + "\n" for record in records).encode()
