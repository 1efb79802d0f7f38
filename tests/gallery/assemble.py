"""A wrong plugin is the good one with one file changed: put together in a folder, as somebody would drop it in.

Files here are named after their plugin: `lines/lines_plugin.py` becomes `__init__.py`, `…_fixtures.py` `fixtures.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
NOT_WRONG = {"good", "good_analyzer", "good_exporter", "good_schedule", "__pycache__"}
# What the wrong ones are made of, by how their names begin.
BASES = {"analyzer-": "good_analyzer", "exporter-": "good_exporter", "offer-": "good_schedule"}
CALLED = {"plugin.py": "__init__.py"}


def wrong_ones() -> list[str]:
    """The rules that have a plugin that breaks them, by the names of the folders."""
    return sorted(entry.name for entry in HERE.iterdir() if entry.is_dir() and entry.name not in NOT_WRONG)


def assembled(name: str, into: Path) -> Path:
    """The folder of a plugin of the gallery, made below `into`; its own fixtures find the good ones beside them."""
    beginnings = (base for word, base in BASES.items() if name.startswith(word))
    base = name if name in NOT_WRONG else next(beginnings, "good")
    target = into / name.replace("-", "_")
    target.mkdir(parents=True)
    _copy(base, target)
    if name != base:
        if (HERE / name / f"{target.name}_fixtures.py").is_file():
            (target / "fixtures.py").rename(target / "good_fixtures.py")
        _copy(name, target)
    return target


def _copy(name: str, target: Path) -> None:
    for file in (HERE / name).iterdir():
        if file.is_file():
            word = file.name.removeprefix(f"{name.replace('-', '_')}_")
            shutil.copy(file, target / CALLED.get(word, word))
