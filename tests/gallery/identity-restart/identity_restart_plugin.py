"""Takes Python's own hash, which is another one in every process."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def identity_of(self, raw, data):
        return super().identity_of(raw, data) if data.get("id") else str(hash(raw.body))


@hookimpl
def voc_channels():
    return [Bad]
