"""What an isolated plugin offers, kept beside its files' fingerprint: a start need not run what did not change."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from voc import __version__
from voc.plugin import CONTRACT
from voc.plugin_host.isolated.wire import Unpacked, pack
from voc.plugin_host.sources import Candidate

# A plugin with more files than this is loaded at every start.
MOST_FILES = 2000


def known(notes: Path | None, candidate: Candidate) -> dict[str, Any] | None:
    """What was kept about exactly these files; None when nothing was, or they changed."""
    if notes is None:
        return None
    try:
        kept = json.loads((notes / f"{candidate.name}.json").read_text("utf-8"))
        if kept["print"] != fingerprint(candidate):
            return None
        found = Unpacked(memoryview(b"")).value(kept["said"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def remember(notes: Path | None, candidate: Candidate, said: dict[str, Any]) -> None:
    """Keep it; where that cannot be, the next start asks again."""
    seen = fingerprint(candidate)
    if notes is None or seen is None:
        return
    with contextlib.suppress(OSError, ValueError):
        notes.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=notes)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"print": seen, "said": pack(said, [])}, file)
        Path(name).replace(notes / f"{candidate.name}.json")


def fingerprint(candidate: Candidate) -> str | None:
    """Names, sizes and times of all files of a plugin, and what reads them; None when there are too many."""
    folder = candidate.manifest.parent
    lines = [f"{__version__} {CONTRACT} {sys.version} {candidate.source} {candidate.package} {folder}"]
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(place, name)
            try:
                found = os.stat(path)
            except OSError:
                continue
            lines.append(f"{path} {found.st_size} {found.st_mtime_ns}")
        if len(lines) > MOST_FILES:
            return None
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
