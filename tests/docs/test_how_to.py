"""docs/plugins/how-to: every page is followed in an empty folder, and what it says is seen is seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .desk import Desk
from .paper import File, Typed, steps

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "how-to"
# These start pytest, several processes, or build a package: seconds.
SLOW = {"publishing.md", "fake-vendor.md", "oauth.md"}
PAGES = sorted(path.name for path in FOLDER.glob("*.md"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path)
    yield found
    found.leave()


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in PAGES])
def test_page(name: str, desk: Desk) -> None:
    commands = 0
    for step in steps((FOLDER / name).read_text(encoding="utf-8")):
        if isinstance(step, File):
            desk.write(step)
        elif isinstance(step, Typed):
            desk.type(step)
            commands += 1
    assert commands > 0
