"""Never looks at what it is answered."""

from __future__ import annotations

from voc.plugin import Misconfigured, TryLater, hookimpl

from .ping import SETTINGS, GoodPing


class Bad(GoodPing):
    def run(self, ctx, told):
        try:
            return super().run(ctx, told)
        except (TryLater, Misconfigured):
            return "The watchdog knows."


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [Bad()]
