"""The good one."""

from __future__ import annotations

from voc.plugin import hookimpl

from .ping import SETTINGS, GoodPing


@hookimpl
def voc_settings():
    return SETTINGS


@hookimpl
def voc_schedules():
    return [GoodPing()]
