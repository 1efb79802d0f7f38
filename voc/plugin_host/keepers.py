"""Who would offer something if it were loaded: said by plugin.toml, without importing anything."""

from __future__ import annotations

from pathlib import Path

from voc.core.errors import Invalid
from voc.plugin_host.manifest import read_manifest
from voc.plugin_host.sources import candidates


def declaring(instance: Path | None, key: str, word: str) -> str | None:
    """The first plugin that lies there and declares the offer `word` of this kind; None when none does. One that is
    just being copied may be half there: it declares nothing yet."""
    try:
        for candidate in candidates(instance):
            if _declares(candidate.manifest, key, word):
                return candidate.name
    except OSError:
        pass
    return None


def _declares(manifest: Path, key: str, word: str) -> bool:
    try:
        return word in read_manifest(manifest).offers.get(key, ())
    except Invalid:
        return False
