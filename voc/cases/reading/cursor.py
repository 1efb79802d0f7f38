"""Keys of pages, as every list has them; offered here because the lists of this room are read by them."""

from __future__ import annotations

from voc.core.paging import read_cursor, write_cursor

__all__ = ["read_cursor", "write_cursor"]
