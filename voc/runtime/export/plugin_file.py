"""A file in the format of a plugin: the columns of the table, in pieces, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from itertools import islice
from typing import IO, Any

from voc.core.errors import VocError
from voc.plugin import Exporter
from voc.plugin_host import Guard, PluginFailed
from voc.runtime.export.table import columns, rows

# Records in one piece, and the most that a piece may be.
PIECE = 500
LONGEST_PIECE = 64 * 1024 * 1024
# Bytes that are kept in memory before the rest goes to the disk.
IN_MEMORY = 8 * 1024 * 1024


class Unwritable(VocError):
    """A plugin could not write its format; nothing was written."""


def write_plugin_file(
    guard: Guard,
    plugin: str,
    exporter: Exporter,
    records: Iterable[dict[str, Any]],
    stream: IO[bytes],
    *,
    everything: bool,
) -> int:
    """Write every record to `stream` as `exporter` does, when all went well, and return how many there were.

    Raises Unwritable with the plugin's reason: then nothing was written, so that half a file is never taken for one.
    """
    names, lines, count = columns(everything=everything), rows(records, everything=everything), 0
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        kept.write(_piece(guard, plugin, exporter, exporter.begin, names))
        while batch := [dict(zip(names, line, strict=True)) for line in islice(lines, PIECE)]:
            kept.write(_piece(guard, plugin, exporter, exporter.rows, names, batch, count))
            count += len(batch)
        kept.write(_piece(guard, plugin, exporter, exporter.end, names, count))
        kept.seek(0)
        shutil.copyfileobj(kept, stream)
    return count


def _piece(guard: Guard, plugin: str, exporter: Exporter, method: Any, *args: Any) -> bytes:
    try:
        piece = guard.call(plugin, method, *args)
    except PluginFailed as error:
        raise Unwritable(
            f"plugin {plugin} could not write {exporter.name}: {error.__cause__ or error.reason}; nothing was written"
        ) from error
    if not isinstance(piece, bytes) or len(piece) > LONGEST_PIECE:
        what = "no bytes" if not isinstance(piece, bytes) else "too much in one piece"
        raise Unwritable(f"plugin {plugin} gave {what} for {exporter.name}; nothing was written")
    return piece
