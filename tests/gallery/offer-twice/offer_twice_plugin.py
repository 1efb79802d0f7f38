"""Refuses to be done again."""

from __future__ import annotations

from voc.plugin import hookimpl

from .ping import SETTINGS, GoodPing


class Bad(GoodPing):
    def run(self, ctx, told):
        if ctx.store.get("ran") == told["figures"]["looked_at"].isoformat() and ctx.now:
            raise ValueError("this was done already")
        said = super().run(ctx, told)
        ctx.store.set("ran", told["figures"]["looked_at"].isoformat())
        return said


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [Bad()]
