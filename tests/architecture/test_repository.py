"""The tree itself: what is tracked, what can be run, what must not be in it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

# Folders that exist on one machine only; instance files and build results are not tracked.
LOCAL = ("home", "Users", "root", "work", "opt", "tmp", "mnt", "private")
MACHINE_PATH = re.compile(rf"(?<![\w./~$}}>-])/(?:{'|'.join(LOCAL)})/[\w.-]+")
# Addresses that a file may name: loopback, examples, and where standards and licences live.
INDEX = re.compile(r"https?://[\w.:-]*(?:pypi|simple|artifactory|nexus|devpi)[\w./:-]*", re.IGNORECASE)
EXPECTED = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "NOTICE", "MANIFEST.in", "README.md", "bench", "docs", "instance",
    "migrations", "packaging_voc.py", "plugins", "pyproject.toml", "requirements.lock", "setup.cfg", "tests", "voc",
}  # fmt: skip


def tracked(root: Path) -> list[Path]:
    """Files under version control, and those that are about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        pytest.skip("this is no git working tree")
    return [root / line for line in done.stdout.splitlines() if (root / line).is_file()]


def words_of(path: Path) -> str:
    """The text of a file, empty for one that is no text."""
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode("utf-8", "replace")


def test_nothing_names_a_folder_of_one_machine(house: Any) -> None:
    found = [
        f"{path.relative_to(house.root)}: {match.group(0)}"
        for path in tracked(house.root)
        for match in MACHINE_PATH.finditer(words_of(path))
    ]
    assert found == []


def test_nothing_names_a_package_index(house: Any) -> None:
    found = [
        f"{path.relative_to(house.root)}: {match.group(0)}"
        for path in tracked(house.root)
        for match in INDEX.finditer(words_of(path))
    ]
    assert found == []


def test_top_of_the_tree_is_short(house: Any) -> None:
    top = {path.relative_to(house.root).parts[0] for path in tracked(house.root)}
    assert top - EXPECTED == set()


def test_instance_is_not_tracked(house: Any) -> None:
    inside = [path.name for path in tracked(house.root) if path.is_relative_to(house.root / "instance")]
    assert inside == ["README.md"]


def test_release_check_can_be_run(house: Any) -> None:
    script = house.root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], timeout=20, check=False).returncode == 0


def test_tests_find_each_other(house: Any) -> None:
    """No packages among the tests (they run against the installed code), and no two files of one name."""
    files = [source.path for source in house.sources("tests")]
    assert [path for path in files if path.endswith("__init__.py")] == []
    names = [path.rsplit("/", 1)[-1] for path in files if not path.endswith("conftest.py")]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_rules_find_what_they_are_for() -> None:
    slash = "/"
    assert MACHINE_PATH.search(f"see {slash}home{slash}ana/notes")
    assert MACHINE_PATH.search(f'"{slash}tmp{slash}x"')
    assert not MACHINE_PATH.search("/status/work/abc")
    assert not MACHINE_PATH.search("voc/work/x")
    assert INDEX.search("--index-url http" + "://pypi.example/simple")
