"""Calls a language by its whole name."""

from __future__ import annotations

from dataclasses import replace

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def inbound(self, identity, data):
        item = super().inbound(identity, data)
        return replace(item, language="português do Brasil") if "Não gostei" in item.text else item


@hookimpl
def voc_channels():
    return [Bad]
