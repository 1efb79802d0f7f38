"""Offers a kind that plugin.toml does not declare."""

from __future__ import annotations

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    kind = "other"


@hookimpl
def voc_channels():
    return [Bad]
