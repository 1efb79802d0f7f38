"""The archive: a gzipped tar whose first member is the manifest. Reading it trusts nothing but the manifest, and that
only after it was checked; links, devices, doubled names and files that nobody listed are refused."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from voc.core.errors import Conflict, Invalid
from voc.runtime.backup.manifest import DAMAGED, LARGEST, NAME, Entry, Manifest

CHUNK = 1 << 20
LEVEL = 5


def entry_of(path: Path) -> Entry:
    """Size and hash of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Entry(size, digest.hexdigest())


@contextmanager
def partial_file(target: Path) -> Iterator[IO[bytes]]:
    """`target.partial`, for its owner only, renamed when the block ends well and removed when it does not.

    What a killed predecessor left is written over; raises Conflict while another one is still at it.
    """
    partial = target.with_name(target.name + ".partial")
    handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise Conflict(f"another backup is being written to {partial}") from None
    with os.fdopen(handle, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)
        stream.truncate(0)
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            partial.rename(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_archive(stream: IO[bytes], manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write the manifest and then every file under its name in the archive."""
    at = manifest.created_at
    with (
        gzip.GzipFile(filename="", fileobj=stream, mode="wb", compresslevel=LEVEL, mtime=at.timestamp()) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        raw = manifest.to_json()
        tar.addfile(_member(NAME, len(raw), at), BytesIO(raw))
        for name, path in files.items():
            with path.open("rb") as source:
                tar.addfile(_member(name, manifest.files[name].size, at), source)


def _member(name: str, size: int, at: datetime) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(at.timestamp())
    return info


def read_manifest(path: Path) -> Manifest:
    """The manifest of an archive; raises Invalid when it is none."""
    with _reading(path) as tar:
        return _manifest(tar)


def unpack(path: Path, folder: Path, *, progress: Callable[[int], None] | None = None) -> Manifest:
    """Unpack every listed file into the empty `folder`, readable for its owner only; raises Invalid when the archive
    is damaged, incomplete, or holds anything that was not listed. `progress` gets the bytes written so far."""
    with _reading(path) as tar:
        manifest, seen, written = _manifest(tar), set[str](), 0
        while (member := tar.next()) is not None:
            entry = manifest.files.get(member.name)
            if entry is None or member.name in seen or member.type != tarfile.REGTYPE or member.size != entry.size:
                raise Invalid(f"{DAMAGED}: {member.name!r} should not be there")
            seen.add(member.name)
            source = tar.extractfile(member)
            if source is None:
                raise Invalid(DAMAGED)
            _write(source, folder / member.name, folder, entry)
            written += entry.size
            if progress:
                progress(written)
        if missing := set(manifest.files) - seen:
            raise Invalid(f"{DAMAGED}: {sorted(missing)[0]} is missing")
    return manifest


@contextmanager
def _reading(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r|gz") as tar:
            yield tar
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Invalid(f"{DAMAGED}: {error}") from None


def _manifest(tar: tarfile.TarFile) -> Manifest:
    member = tar.next()
    if member is None or member.name != NAME or member.type != tarfile.REGTYPE or member.size > LARGEST:
        raise Invalid(DAMAGED)
    source = tar.extractfile(member)
    return Manifest.from_json(source.read() if source else b"")


def _write(source: IO[bytes], target: Path, root: Path, entry: Entry) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(root.resolve()):
        raise Invalid(DAMAGED)
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as stream:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise Invalid(f"{DAMAGED}: {target.name} is not what was backed up")
