"""Its fixtures have a vendor that does not start."""

from __future__ import annotations

from voc.plugin import hookimpl

from .ping import SETTINGS, GoodPing


class Bad(GoodPing):
    pass


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [Bad()]
