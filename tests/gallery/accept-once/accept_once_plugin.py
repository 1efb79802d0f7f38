"""Calls everything from one customer one delivery."""

from __future__ import annotations

import json

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def delivery_id(self, call):
        return json.loads(call.body)["text"]


@hookimpl
def voc_channels():
    return [Bad]
