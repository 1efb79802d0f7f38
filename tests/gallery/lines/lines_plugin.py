"""Makes one line of many."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        return super().inbound(identity, {**data, "text": " ".join(data["text"].splitlines())})


@hookimpl
def voc_channels():
    return [Bad]
