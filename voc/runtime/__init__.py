"""The running parts, without the web framework: settings, database, keys, plugins, writer, registry, clock."""

from __future__ import annotations

from voc.core.loading import loading

with loading():
    from voc.runtime.build import Runtime, build

__all__ = ["Runtime", "build"]
