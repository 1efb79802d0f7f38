"""Takes the zone off and calls it UTC."""

from __future__ import annotations

from datetime import UTC

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def moment(self, value):
        found = super().moment(value)
        return found.replace(tzinfo=UTC) if found and found.year == 2026 else found


@hookimpl
def voc_channels():
    return [Bad]
