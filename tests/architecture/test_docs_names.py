"""What the pages call by name is there: rooms, functions, words, links, labels on screens, the README's commands."""

from __future__ import annotations

import ast
import importlib
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

import voc.model
from voc.core import vocabulary

LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
README_COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/voc serve --demo",
    ".venv/bin/pip install '.[test]' && .venv/bin/pytest",
]


def pages(root: Path) -> list[Path]:
    """Every page for people."""
    return [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").rglob("*.md"))]


def test_map_has_every_room_in_order(house: Any) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", house.page("house.md"), re.MULTILINE)
    assert [room for room, _ in rows] == [room for line in house.layers() for room in line]


@cache
def names_in(path: Path) -> set[str]:
    """Functions and classes of a file, methods as Class.method."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{item.name}" for item in node.body if isinstance(item, ast.FunctionDef)}
    return found


def test_way_of_one_feedback_is_the_real_one(house: Any) -> None:
    page = house.page("one-feedback.md")
    steps = re.findall(r"`(voc/[\w/]+\.py)::([\w.]+)`", page)
    assert len(steps) > 20
    wrong = [
        f"{path}::{name}"
        for path, name in steps
        if not (house.root / path).is_file() or name not in names_in(house.root / path)
    ]
    assert wrong == []


def test_glossary_names_what_is_there(house: Any) -> None:
    page = house.page("glossary.md")
    named = re.findall(r"`(voc(?:\.\w+)+)`", page)
    assert [name for name in named if not importable(name)] == []
    tables = {name for name in voc.model.__all__ if isinstance(getattr(voc.model, name), type)} - {"Base"}
    assert sorted(name for name in tables if f"`voc.model.{name}`" not in page) == []
    words = {
        name for name, value in vars(vocabulary).items()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    }  # fmt: skip
    assert sorted(name for name in words if f"`voc.core.vocabulary.{name}`" not in page) == []


def importable(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, last = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ImportError:
        return hasattr(importlib.import_module(module), last)
    return True


def test_every_link_leads_somewhere(house: Any) -> None:
    broken = []
    for page in pages(house.root):
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            path = target.split("#")[0]
            if "://" not in target and path and not (page.parent / path).exists():
                broken.append(f"{page.relative_to(house.root)}: {target}")
    assert broken == []


def test_every_page_is_on_the_first_one(house: Any) -> None:
    linked = {target.split("#")[0] for target in LINK.findall(house.page("index.md"))}
    there = {page.relative_to(house.root / "docs").as_posix() for page in (house.root / "docs").rglob("*.md")}
    assert sorted(there - linked - {"index.md"}) == []


def test_readme_has_exactly_two_commands(house: Any) -> None:
    text = (house.root / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    assert [block.strip() for block in blocks] == README_COMMANDS


@cache
def labels(root: Path, language: str) -> set[str]:
    """Every text on a screen in this language, plurals in both forms."""
    path = root / f"voc/core/translations/{'es' if language == 'en' else language}/LC_MESSAGES/messages.po"
    with path.open("rb") as stream:
        messages = [message for message in read_po(stream) if message.id]
    texts = [message.id if language == "en" else message.string for message in messages]
    return {text for item in texts for text in ([item] if isinstance(item, str) else item)}


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_guide_speaks_of_labels_that_are_on_the_screen(house: Any, language: str) -> None:
    """In a guide, bold means: this stands on the screen."""
    bold = re.findall(r"\*\*(.+?)\*\*", house.page(f"guide/{language}.md"))
    assert len(bold) > 15
    assert sorted(set(bold) - labels(house.root, language)) == []


def test_guides_are_the_same_guide(house: Any) -> None:
    shapes = {
        language: re.findall(r"^(#+|-|\d\.|\|) ", house.page(f"guide/{language}.md"), re.MULTILINE)
        for language in ("es", "pt", "en")
    }
    assert shapes["es"] == shapes["en"]
    assert shapes["pt"] == shapes["en"]
