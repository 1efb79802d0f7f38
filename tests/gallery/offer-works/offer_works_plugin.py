"""Says nothing."""

from __future__ import annotations

from voc.plugin import hookimpl

from .ping import SETTINGS, GoodPing


class Bad(GoodPing):
    def run(self, ctx, told):
        super().run(ctx, told)


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [Bad()]
