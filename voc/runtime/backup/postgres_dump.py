"""Dump and restore of PostgreSQL by its own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy.engine import make_url

from voc.core.errors import VocError


def dump(url: str, target: Path, *, snapshot: str) -> None:
    """Write everything that `snapshot` sees into `target` (custom format); raises VocError."""
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", "--lock-wait-timeout=30s", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Read `source` into the empty database, all or nothing; raises VocError."""
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", str(source))


def require(program: str) -> str:
    """Where the program is; raises VocError with what to install."""
    found = shutil.which(program)
    if found is None:
        raise VocError(
            f"{program} is not installed: a backup of PostgreSQL needs its client programs "
            "(Debian: apt install postgresql-client), of the server's version or newer"
        )
    return found


def _run(program: str, url: str, *arguments: str) -> None:
    """The password goes through the environment: an argument could be seen by every user of the machine."""
    address = make_url(url)
    plain = address.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ)
    if address.password:
        environment["PGPASSWORD"] = str(address.password)
    command = [require(program), "--no-owner", "--no-privileges", "--no-password", f"--dbname={plain}", *arguments]
    done = subprocess.run(  # noqa: S603  (our own arguments, no shell)
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise VocError(f"{program} failed: {lines[0] if lines else f'exit status {done.returncode}'}")
