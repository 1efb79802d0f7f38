"""Reading one raw thing in a fresh process, for the rule that ids survive a restart."""

from __future__ import annotations

from pathlib import Path

from voc.plugin import Deleted, Edited, Inbound, Raw
from voc.testkit.plugin import Located, load
from voc.testkit.subject import Subject


def ids(folder: str, module: str, kind: str, raw: Raw) -> list[str]:
    """The ids that the channel `kind` of the plugin in `folder` reads in `raw`."""
    plugin = load(Located(Path(folder), module))
    subject = Subject(plugin, kind, "channel", fixtures=plugin.fixtures[kind])
    try:
        items = subject.read(raw)
    finally:
        subject.parsers.close()
    return [item.external_id for item in items if isinstance(item, (Inbound, Edited, Deleted))]
