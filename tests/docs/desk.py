"""A reader's desk: an empty folder, terminals, and the commands on the path, as after the README; no network.

`pip install .` builds and installs the package for real, with what is here already, into a folder of this desk.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .paper import File, Typed, is_seen, put_in

PATIENCE = 60.0
_PIP = """#!/bin/sh
what=$1
shift
[ "$what" = install ] && set -- --upgrade --target "{site}" "$@"
exec "{python}" -m pip "$what" --quiet --disable-pip-version-check --no-cache-dir --no-deps \\
  --no-build-isolation --no-index "$@"
"""


class Desk:
    """Where somebody follows a page."""

    def __init__(self, folder: Path) -> None:
        self.at = folder / "work"
        self.site, tools = folder / "site", folder / "tools"
        for made in (self.at, self.site, tools):
            made.mkdir()
        self.root = self.at
        pip = tools / "pip"
        pip.write_text(_PIP.format(python=sys.executable, site=self.site), encoding="utf-8")
        pip.chmod(0o755)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("VOC_", "PYTEST"))
        }
        self.environment |= {
            "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(self.site), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
        }
        self.terminals: dict[str, tuple[subprocess.Popen[bytes], Path, int]] = {}

    def write(self, step: File) -> None:
        """Write a file, or change one."""
        path = self.at / step.path
        source = path.read_text(encoding="utf-8") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(put_in(source, step.how, step.text), encoding="utf-8")

    def type(self, step: Typed) -> None:
        """Run a command, and see what the page says."""
        if step.terminal:
            self._elsewhere(step)
        elif step.command.startswith("cd "):
            self.at = (self.at / step.command.removeprefix("cd ")).resolve()
        else:
            done = subprocess.run(
                ["bash", "-c", step.command],
                cwd=self.at,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE * 3,
                check=False,
            )
            assert is_seen(step.seen, done.stdout), f"$ {step.command}\n{done.stdout}\n-- instead of:\n{step.seen}"

    def _elsewhere(self, step: Typed) -> None:
        if step.command:
            log = self.root.parent / f"{step.terminal}.log"
            with log.open("wb") as stream:
                process = subprocess.Popen(
                    ["bash", "-c", f"exec {step.command}"], cwd=self.at, env=self.environment,
                    stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
                )  # fmt: skip
            self.terminals[step.terminal] = (process, log, 0)
        process, log, before = self.terminals[step.terminal]
        deadline = time.monotonic() + PATIENCE
        while not is_seen(step.seen, self.output(step.terminal)[before:]):
            assert process.poll() is None, f"it ended:\n{self.output(step.terminal)}"
            assert time.monotonic() < deadline, f"{self.output(step.terminal)[before:]}\n-- instead of:\n{step.seen}"
            time.sleep(0.05)
        self.terminals[step.terminal] = (process, log, len(self.output(step.terminal)))

    def output(self, terminal: str) -> str:
        """What another terminal shows so far."""
        return self.terminals[terminal][1].read_text(errors="replace")

    def stop(self, terminal: str) -> None:
        """Ctrl-C there."""
        process, _, _ = self.terminals.pop(terminal)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)

    def leave(self) -> None:
        """Ctrl-C in every terminal."""
        for terminal in list(self.terminals):
            self.stop(terminal)
