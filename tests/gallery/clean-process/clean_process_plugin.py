"""Changes the working directory."""

from __future__ import annotations

import os

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def check(self, ctx):
        os.environ["BAD_WAS_HERE"] = "yes"
        return super().check(ctx)


@hookimpl
def voc_channels():
    return [Bad]
