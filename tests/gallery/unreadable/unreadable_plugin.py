"""Takes for granted what is there."""

from __future__ import annotations

import json

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def read(self, view, raw):
        data = json.loads(raw.body) if len(raw.body) < 10 else {"text": ""}
        if data["text"] == "x":
            raise ValueError("no words")
        return super().read(view, raw)


@hookimpl
def voc_channels():
    return [Bad]
