"""Backup of a running instance into one file, and the way back into an empty one."""

from __future__ import annotations

from voc.runtime.backup.manifest import Manifest
from voc.runtime.backup.restore import Restored, restore_backup
from voc.runtime.backup.write import Written, write_backup

__all__ = ["Manifest", "Restored", "Written", "restore_backup", "write_backup"]
