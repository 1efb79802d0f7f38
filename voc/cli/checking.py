"""What the conformance kit cannot know by itself: where plugins lie, and what the host says when it loads one."""

from __future__ import annotations

from pathlib import Path

from voc.core.errors import NotFound
from voc.core.settings import load
from voc.plugin_host.host import PluginHost
from voc.plugin_host.sources import candidate_at, candidates
from voc.testkit.plugin import Located

HOST_SAYS = f"{__name__}:host_says"


def located(name: str) -> Located:
    """The plugin at a path, or of a name: bundled, installed or dropped into the instance. Raises Invalid, NotFound."""
    if "/" in name or Path(name).is_dir():
        return Located.of(name)
    known = {candidate.name: candidate for candidate in reversed([*candidates(load().instance)])}
    if name not in known:
        there = ", ".join(sorted(known))
        raise NotFound(f"{name} is neither a folder nor a plugin that is here; there are {there}")
    found = known[name]
    return Located(found.manifest.parent, found.package)


def host_says(folder: Path, module: str) -> str:
    """Why the host would not load it, empty when it would. It is loaded, so call this where that can do no harm."""
    host = PluginHost(limit=10.0)
    try:
        host.add(candidate_at(folder.name, "dropped", folder, module))
        return "; ".join(state.reason for state in host.states if state.state != "loaded")
    finally:
        host.close()
