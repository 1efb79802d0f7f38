"""Who else used the processors while we measured: rounds that were disturbed are told apart from quiet ones."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
QUIET = 0.15  # of one core
PATIENCE = 20.0


class Neighbors:
    """Processor time taken by everybody but this process and the families of `pids`, as a share of one core."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._pids = list(pids)
        self._since, self._all, self._own = time.monotonic(), _busy(), self._ours()

    def share(self) -> float:
        """Since this object was made."""
        seconds = time.monotonic() - self._since
        return max(0.0, (_busy() - self._all) - (self._ours() - self._own)) / max(seconds, 0.001)

    def _ours(self) -> float:
        return sum(_used(pid) for pid in {os.getpid(), *(pid for root in self._pids for pid in family(root))})


def wait_for_quiet(pids: Iterable[int], patience: float = PATIENCE) -> None:
    """Wait until the others have left the processors alone for half a second, at most `patience` seconds."""
    end, ours = time.monotonic() + patience, list(pids)
    while time.monotonic() < end:
        watch = Neighbors(ours)
        time.sleep(0.5)
        if watch.share() < QUIET:
            return


def family(pid: int) -> list[int]:
    """A process and everything it started; without those that are gone."""
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    except FileNotFoundError:
        pass
    return found


def _busy() -> float:
    """Seconds that all processors together were not idle."""
    user, nice, system, _idle, _wait, hard, soft = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + hard + soft) / _TICK


def _used(pid: int) -> float:
    """Seconds of processor time of one process; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK
