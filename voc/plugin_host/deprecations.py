"""What of the contract is going to go away: the table, and which plugins still use something of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pluggy

import voc.plugin
from voc.plugin_host.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Deprecation:
    """One thing: announced with contract `since`, gone with contract `gone`; `instead` is what to write now."""

    since: int
    gone: int
    instead: str


# By name: `hook voc_x`, `key x` (of plugin.toml), `name X` (of voc.plugin), `method X.y` (overridden), `attribute X.y`.
TABLE: dict[str, Deprecation] = {}


def uses_of(
    manager: pluggy.PluginManager, name: str, module: ModuleType, manifest: Manifest, objects: Iterable[object]
) -> frozenset[str]:
    """What of the contract a loaded plugin uses, in the words of the table: its hooks, its keys in plugin.toml, the
    names it imports, what its channels and offers override."""
    found = {f"key {key}" for key in manifest.keys}
    found |= {f"hook {caller.name}" for caller in manager.get_hookcallers(manager.get_plugin(name)) or ()}
    for value in vars(module).values():
        known = getattr(value, "__name__", "")
        if isinstance(known, str) and known in voc.plugin.__all__ and getattr(voc.plugin, known) is value:
            found.add(f"name {known}")
    for item in objects:
        found |= _overridden(type(item))
    return frozenset(found)


def _overridden(cls: type) -> set[str]:
    """Methods and attributes of the contract's classes that `cls` has of its own."""
    found: set[str] = set()
    for base in cls.__mro__:
        if getattr(voc.plugin, base.__name__, None) is not base:
            continue
        for word, value in vars(base).items():
            if not word.startswith("_") and inspect.getattr_static(cls, word) is not value:
                found.add(f"{'method' if callable(value) else 'attribute'} {base.__name__}.{word}")
    return found


def warnings_for(uses: Iterable[str], table: Mapping[str, Deprecation] | None = None) -> tuple[str, ...]:
    """One sentence for each thing a plugin uses that is going to go away."""
    known: Mapping[str, Any] = TABLE if table is None else table
    return tuple(
        f"{name} goes away with contract {known[name].gone} (announced with contract {known[name].since}); "
        f"{known[name].instead}"
        for name in sorted(set(uses) & set(known))
    )
