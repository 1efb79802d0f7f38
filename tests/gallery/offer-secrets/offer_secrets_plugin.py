"""Logs its token."""

from __future__ import annotations

import logging

from voc.plugin import hookimpl

from .ping import SETTINGS, GoodPing


class Bad(GoodPing):
    def run(self, ctx, told):
        logging.getLogger("ping").info("asking with %s", ctx.options["token"])
        return super().run(ctx, told)


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [Bad()]
