"""The import contracts of setup.cfg hold, and no room is forgotten in them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

EDGES = {"cli", "app", "wsgi", "api", "web"}
# Known to Python, and no room: the module that runs `python -m voc`.
NO_ROOMS = {"__init__", "__main__", "__pycache__"}

LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def rooms_of(house: Any) -> set[str]:
    """The rooms that exist as folders or modules of voc."""
    entries = (house.root / "voc").iterdir()
    return {entry.stem for entry in entries if entry.suffix in ("", ".py")} - NO_ROOMS


def test_import_contracts_hold(house: Any) -> None:
    done = subprocess.run([sys.executable, "-c", LINT], cwd=house.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_every_room_has_its_layer(house: Any) -> None:
    layers = {room for line in house.layers() for room in line}
    assert layers == rooms_of(house)


def test_below_the_edges_means_every_other_room(house: Any) -> None:
    listed = house.lines_of("importlinter:contract:flask-at-the-edges", "source_modules")
    assert set(listed) == {f"voc.{room}" for room in rooms_of(house) - EDGES}


def test_plugins_are_kept_from_every_room_but_the_contract(house: Any) -> None:
    listed = house.lines_of("importlinter:contract:plugins-see-only-the-contract", "forbidden_modules")
    assert set(listed) == {f"voc.{room}" for room in rooms_of(house) - {"plugin"}}
