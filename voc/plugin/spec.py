"""The hooks of voc. Few, each returns typed objects; the host calls implementation by implementation."""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from voc.plugin.analyzer import Analyzer
from voc.plugin.channel import Channel

hookspec = pluggy.HookspecMarker("voc")
hookimpl = pluggy.HookimplMarker("voc")


@hookspec
def voc_channels() -> Sequence[type[Channel]]:  # type: ignore[empty-body]
    """Return the channel classes this plugin offers. Called once when the plugin is loaded. Since contract 1."""


@hookspec
def voc_analyzers() -> Sequence[Analyzer]:  # type: ignore[empty-body]
    """Return the sentiment analyzers this plugin offers. Called once when the plugin is loaded. Since contract 1."""
