"""Tries one way after the other on some texts, as a careless pattern does."""

from __future__ import annotations

import time

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        began = time.monotonic()
        while data["text"].startswith("@@@") and time.monotonic() - began < 3.2:
            data["text"].count("@")
        return super().inbound(identity, data)


@hookimpl
def voc_channels():
    return [Bad]
