"""Where a page may send somebody next: only to addresses of this server."""

from __future__ import annotations

from urllib.parse import urlsplit


def local_path(value: str | None) -> str | None:
    """`value` when it is a path of this server, else None: no scheme, no host, no tricks with slashes."""
    if not value or not value.startswith("/") or value.startswith(("//", "/\\")) or len(value) > 2000:
        return None
    if any(ord(char) < 0x21 or char == "\\" or ord(char) == 0x7F for char in value):
        return None
    parts = urlsplit(value)
    return None if parts.scheme or parts.netloc else value


def page_of(path: str) -> str:
    """The page that shows what a POST to `path` is about: `/cases/<id>/say` belongs to `/cases/<id>`."""
    parts = [part for part in path.split("/") if part]
    keep = 2 if parts[:1] in (["cases"], ["customers"], ["feedback"], ["settings"], ["surveys"], ["channels"]) else 1
    return "/" + "/".join(parts[:keep])
