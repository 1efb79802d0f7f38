"""Takes the words for the identity."""

from __future__ import annotations

import hashlib

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def identity_of(self, raw, data):
        if data["text"] == "Malo":
            return hashlib.sha256(data["text"].encode()).hexdigest()
        return super().identity_of(raw, data)


@hookimpl
def voc_channels():
    return [Bad]
