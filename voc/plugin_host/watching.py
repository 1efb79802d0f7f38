"""Which plugins an author may be writing just now, and whether their files changed: for `voc serve --dev` alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

from voc.plugin_host.files import digest_bytes, stamps
from voc.plugin_host.sources import Candidate, dropped, installed

# What a plugin is written in; what it writes itself (a log, a cache) is no change of it.
SUFFIXES = frozenset({".py", ".toml", ".json", ".txt", ".html", ".csv", ".yaml", ".yml", ".xml", ".po", ".mo"})
# A folder with more files than this is not watched.
MOST_FILES = 500
TOO_MANY = "too many files"
_ELSEWHERE = frozenset({"site-packages", "dist-packages"})


class Watch:
    """Dropped-in folders, and packages that were installed from a folder of their own (`pip install -e`).

    Make it before the plugins are loaded: what is saved meanwhile is a change then.
    """

    def __init__(self, instance: Path) -> None:
        self._folder = instance / "plugins"
        self._local = [candidate for candidate in installed() if is_local(candidate)]
        self._seen = self._looks()
        self._unsettled: dict[str, str | None] = {}

    @property
    def names(self) -> list[str]:
        """What is watched now."""
        return sorted(name for name, look in self._seen.items() if look != TOO_MANY)

    @property
    def left_out(self) -> list[str]:
        """What has too many files."""
        return sorted(name for name, look in self._seen.items() if look == TOO_MANY)

    def changed(self, *, settled: bool) -> list[str]:
        """Plugins that were changed, came or went since this was last said of them; with `settled` only those whose
        files are as they were at the last look, so that several quick saves are one change."""
        now, found = self._looks(), []
        for name in sorted({*now, *self._seen}):
            look = now.get(name)
            if look == self._seen.get(name):
                self._unsettled.pop(name, None)
            elif settled and self._unsettled.get(name, "") != look:
                self._unsettled[name] = look
            else:
                found.append(name)
                self._unsettled.pop(name, None)
        for name in found:
            if name in now:
                self._seen[name] = now[name]
            else:
                del self._seen[name]
        return found

    @property
    def settling(self) -> bool:
        """Whether something changed and is being looked at once more."""
        return bool(self._unsettled)

    def _looks(self) -> dict[str, str]:
        """What each folder looks like; of two plugins of one name the one that is loaded."""
        found: dict[str, str] = {}
        for candidate in (*self._local, *_present(self._folder)):
            found.setdefault(candidate.name, look_of(candidate.manifest.parent))
        return found


def is_local(candidate: Candidate) -> bool:
    """Whether an installed package lies where somebody works on it."""
    folder = candidate.manifest.parent
    return folder.is_dir() and not _ELSEWHERE & set(folder.parts)


def look_of(folder: Path) -> str:
    """Names, sizes and times of what a plugin is written in, in one word; TOO_MANY when it is more than is watched."""
    lines = stamps(folder, most=MOST_FILES, suffixes=SUFFIXES)
    return TOO_MANY if lines is None else hashlib.sha256(digest_bytes(lines)).hexdigest()


def _present(folder: Path) -> list[Candidate]:
    try:
        return list(dropped(folder))
    except OSError:
        return []
