"""Nobody knows what it is."""

from __future__ import annotations

from voc.plugin import hookimpl

from .ping import SETTINGS, GoodPing


class Bad(GoodPing):
    title = ""


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [Bad()]
