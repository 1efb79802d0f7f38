"""Looks something up while it reads."""

from __future__ import annotations

import socket
from contextlib import suppress

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def read(self, view, raw):
        with suppress(OSError), socket.socket() as found:
            found.settimeout(1)
            found.connect(("127.0.0.1", 9))
        return super().read(view, raw)


@hookimpl
def voc_channels():
    return [Bad]
