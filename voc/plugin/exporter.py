"""A format for `voc export feedback`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voc.plugin.offer import Offer


class Exporter(Offer):
    """One format. Each method is pure and keeps nothing between calls: pieces may be made by different processes.

    `name` is what `--format` is given; `suffix` ends a file's name; `binary` says that it is not for a screen.
    """

    suffix: str = ""
    binary: bool = False

    def begin(self, columns: Sequence[str]) -> bytes:
        """The beginning of the file. `columns` are the names that every record has, in order."""
        return b""

    def rows(self, columns: Sequence[str], records: Sequence[Mapping[str, Any]], first: int) -> bytes:
        """The piece for these records (JSON values, None where nothing is known); `first` is the number of the first
        one, from 0."""
        raise NotImplementedError(f"exporter {self.name!r} writes nothing")

    def end(self, columns: Sequence[str], count: int) -> bytes:
        """The end of the file after `count` records."""
        return b""
