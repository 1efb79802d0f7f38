"""Logs the token."""

from __future__ import annotations

import logging

from voc.plugin import hookimpl

from .channel import Good


class Bad(Good):
    def check(self, ctx):
        logging.getLogger("mine").debug("signing in with %s", ctx.options.get("token"))
        return super().check(ctx)


@hookimpl
def voc_channels():
    return [Bad]
