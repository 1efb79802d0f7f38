"""The hooks of voc. Few, each returns typed objects; the host calls implementation by implementation."""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from voc.plugin.action import Action
from voc.plugin.analyzer import Analyzer
from voc.plugin.channel import Channel
from voc.plugin.command import Command
from voc.plugin.exporter import Exporter
from voc.plugin.notifier import Notifier
from voc.plugin.options import Options
from voc.plugin.schedule import Scheduled
from voc.plugin.slot import Slot

hookspec = pluggy.HookspecMarker("voc")
hookimpl = pluggy.HookimplMarker("voc")


@hookspec
def voc_channels() -> Sequence[type[Channel]]:  # type: ignore[empty-body]
    """Return the channel classes this plugin offers. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_analyzers() -> Sequence[Analyzer]:  # type: ignore[empty-body]
    """Return the sentiment analyzers this plugin offers. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_settings() -> Options:  # type: ignore[empty-body]
    """Return the settings of the plugin as a whole. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_actions() -> Sequence[Action]:  # type: ignore[empty-body]
    """Return what rules can do through this plugin. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_notifiers() -> Sequence[Notifier]:  # type: ignore[empty-body]
    """Return other ways of telling colleagues. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_slots() -> Sequence[Slot]:  # type: ignore[empty-body]
    """Return the panels this plugin fills on pages. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_exporters() -> Sequence[Exporter]:  # type: ignore[empty-body]
    """Return formats for `voc export feedback`. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_commands() -> Sequence[Command]:  # type: ignore[empty-body]
    """Return commands for `voc run`. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_schedules() -> Sequence[Scheduled]:  # type: ignore[empty-body]
    """Return work that comes round by itself. Called once when the plugin is loaded. Since contract 1."""
