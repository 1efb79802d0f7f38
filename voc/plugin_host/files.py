"""The files that a plugin is written in."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path


def stamps(folder: Path, *, most: int, suffixes: Collection[str] = ()) -> list[str] | None:
    """A line for each file below `folder` with its size and time, in a fixed order; None when there are more than
    `most`. With `suffixes` only such files that are not hidden."""
    lines: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not name.startswith("."))
        for name in sorted(files):
            if suffixes and (name.startswith(".") or os.path.splitext(name)[1] not in suffixes):
                continue
            path = os.path.join(place, name)
            try:
                found = os.stat(path)
            except OSError:
                continue
            lines.append(f"{path} {found.st_size} {found.st_mtime_ns}")
        if len(lines) > most:
            return None
    return lines


def digest_bytes(lines: list[str]) -> bytes:
    """The lines as bytes for a digest; names that are no text included."""
    return "\n".join(lines).encode("utf-8", "surrogateescape")
