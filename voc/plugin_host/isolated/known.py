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
from voc.plugin_host.files import digest_bytes, stamps
from voc.plugin_host.isolated.wire import Unpacked, pack
from voc.plugin_host.sources import Candidate

# Raised when more is kept than before: what was kept in another form is not believed.
FORMAT = 2
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
    lines = stamps(folder, most=MOST_FILES)
    if lines is None:
        return None
    reader = f"{FORMAT} {__version__} {CONTRACT} {sys.version} {candidate.source} {candidate.package} {folder}"
    return hashlib.sha256(digest_bytes([reader, *lines])).hexdigest()
