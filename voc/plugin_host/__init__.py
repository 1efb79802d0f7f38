"""Plugins: discovered in three places, loaded one by one, guarded when called, quarantined with a reason."""

from __future__ import annotations

from voc.plugin_host.guard import Guard, PluginFailed
from voc.plugin_host.host import PluginHost, PluginState

__all__ = ["Guard", "PluginFailed", "PluginHost", "PluginState"]
