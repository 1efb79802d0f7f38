"""`voc backup` and `voc restore`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from voc.cli.opening import settings
from voc.core.clock import utc_now

if TYPE_CHECKING:
    from voc.runtime.backup import Manifest

KEY_TEXT = {
    "file": "CAREFUL: the encryption key and all personal data are in this file. Whoever has it can read everything.",
    "settings": "CAREFUL: the encryption key is in this file, in settings.env, beside all personal data. "
    "Whoever has it can read everything.",
    "outside": "CAREFUL: the encryption key is NOT in this file, it comes from VOC_ENCRYPTION_KEY. "
    "Keep the key in another safe place: without it this backup is no use. All personal data is in it.",
    "missing": "CAREFUL: the encryption key is NOT in this file, because the instance has lost it (voc doctor).",
}


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over FILE if it is there.")
def backup(file: Path, force: bool) -> None:
    """Write everything the instance holds into FILE (tar.gz), while it goes on running."""
    from voc.runtime.backup import write_backup

    _end_in_order()
    progress = _progress if sys.stderr.isatty() else None
    written = write_backup(settings(), file, now=utc_now(), force=force, progress=progress)
    if progress:
        click.echo("\r\033[K", err=True, nl=False)
    click.echo(f"{written.path}: {_size(written.size)}, {_contents(written.manifest)}")
    for name in written.left_out:
        click.echo(f"not in it: plugins/{name}, which is a link or no plain file")
    click.echo(KEY_TEXT[written.manifest.key])


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-key", is_flag=True, help="Bring the data back although the key is lost.")
def restore(file: Path, without_key: bool) -> None:
    """Bring the backup FILE back into an empty instance (VOC_INSTANCE, VOC_DATABASE_URL)."""
    from voc.runtime.backup import restore_backup

    _end_in_order()
    instance = Path(os.environ.get("VOC_INSTANCE") or "instance")
    restored = restore_backup(file, instance, without_key=without_key)
    written = restored.manifest.created_at.strftime("%Y-%m-%d %H:%M UTC")
    click.echo(f"{instance} is what it was on {written}: {_contents(restored.manifest)}")
    if restored.aside is not None:
        click.echo(f"settings.env was there already and stays; that of the backup is {restored.aside}")
    if without_key:
        click.echo("the key is still missing: voc doctor --new-key says what is lost and makes a new one")
    click.echo("voc verify proves that nobody was left behind; voc serve starts it")


def _contents(manifest: Manifest) -> str:
    counts = manifest.counts
    return f"{counts.get('feedback', 0)} feedback, {counts.get('case', 0)} cases (revision {manifest.revision})"


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def _progress(done: int, total: int) -> None:
    click.echo(f"\rdatabase: {100 * done // max(total, 1)} %", err=True, nl=False)


def _end_in_order() -> None:
    """SIGTERM ends the command like Ctrl-C, so that nothing half-written stays."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, end)
