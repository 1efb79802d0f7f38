"""Why code could not be imported: what is to be installed, and what is a mistake of the plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

from voc.core.importing import NO_CODE, no_code, not_imported

WHEN = "while it was imported"


def said(error: BaseException | None, folder: Path, package: str = "voc_dropped_acme") -> str:
    return not_imported(error, folder, package, WHEN)


def test_what_is_not_installed_is_named_with_the_command(tmp_path: Path) -> None:
    error = ModuleNotFoundError("No module named 'acme_sdk'", name="acme_sdk")
    assert said(error, tmp_path) == "needs the Python package acme_sdk, which is not installed: pip install acme_sdk"


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "acme",  # the plugin's own folder
        "voc_dropped_acme",
        "voc_dropped_acme.wire",
        "wire",  # lies beside the code
        "inner",
        "voc.nothing_of_voc",
        "json.nothing",
        "json",
        "voc",
        "_winapi",  # of Python, on other systems
        "x; rm -rf /",
        "--index-url",
        "a" * 101,
        "ñandú",
    ],
)
def test_what_cannot_be_installed_is_left_as_python_says_it(tmp_path: Path, name: str | None) -> None:
    folder = tmp_path / "acme"
    (folder / "inner").mkdir(parents=True)
    (folder / "wire.py").write_text("", encoding="utf-8")
    assert said(ModuleNotFoundError(f"No module named {name!r}", name=name), folder) == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SystemExit(3), "ended the program while it was imported (SystemExit: 3)"),
        (SystemExit(), "ended the program while it was imported (SystemExit)"),
        (SystemExit("no\nkey"), "ended the program while it was imported (SystemExit: no key)"),
        (KeyboardInterrupt(), "ended the program while it was imported (KeyboardInterrupt)"),
        (ImportError("cannot import name 'x'", name="acme_sdk"), ""),
        (ValueError("3"), ""),
        (None, ""),
    ],
)
def test_who_ends_the_program_is_told_so(tmp_path: Path, error: BaseException | None, words: str) -> None:
    assert said(error, tmp_path) == words


def test_a_folder_without_code(tmp_path: Path) -> None:
    assert no_code(tmp_path) == NO_CODE
    (tmp_path / "__init__.py").mkdir()
    assert no_code(tmp_path) == NO_CODE
    (tmp_path / "__init__.py").rmdir()
    (tmp_path / "__init__.py").write_text("", encoding="utf-8")
    assert no_code(tmp_path) == ""
