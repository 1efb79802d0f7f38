"""What the house rules look at: the source files, found by path from the root of the project, never by import."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root with slashes, its text, its syntax tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; parents are not linked."""
        return ast.parse(self.text, self.path)

    @property
    def room(self) -> str:
        """The second part of the path: `cases` for voc/cases/answer.py, `wsgi` for voc/wsgi.py."""
        return self.path.split("/")[1].removesuffix(".py")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree."""
        return list(ast.walk(self.tree))

    def walk(self) -> Iterator[ast.AST]:
        """Every node."""
        return iter(self.nodes)

    def functions(self) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """(qualified name, node) of every function, inner ones and methods included."""
        yield from _functions(self.tree, "")

    def at(self, node: ast.AST) -> str:
        """`voc/cases/answer.py:31`, to click on."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield prefix + child.name, child
        inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        yield from _functions(child, f"{prefix}{child.name}." if inside else prefix)


@cache
def _read(root: Path, path: str) -> Source:
    """One file, read and parsed once for all rules."""
    return Source(path, (root / path).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class House:
    """The project as files."""

    root: Path

    def sources(self, *folders: str) -> list[Source]:
        """Every Python file below these folders, in order of their paths."""
        found = [path for folder in folders for path in (self.root / folder).rglob("*.py")]
        return [self.source(path) for path in sorted(found) if "__pycache__" not in path.parts]

    def source(self, path: Path | str) -> Source:
        """One file by its path from the root, or an absolute one below it."""
        return _read(self.root, (self.root / path).relative_to(self.root).as_posix())

    def page(self, name: str) -> str:
        """The text of a page of `docs/`."""
        return (self.root / "docs" / name).read_text(encoding="utf-8")

    @cached_property
    def config(self) -> ConfigParser:
        """setup.cfg."""
        parser = ConfigParser(interpolation=None)
        parser.read(self.root / "setup.cfg", encoding="utf-8")
        return parser

    def lines_of(self, section: str, option: str) -> list[str]:
        """The lines of an option of setup.cfg, without comments and empty ones."""
        lines = (line.strip() for line in self.config[section][option].splitlines())
        return [line for line in lines if line and not line.startswith("#")]

    def layers(self) -> list[list[str]]:
        """The rooms as the import contract orders them, top to bottom; neighbors in one list."""
        lines = self.lines_of("importlinter:contract:layers", "layers")
        return [[room.strip() for room in re.split(r"[|:]", line)] for line in lines]


@pytest.fixture(scope="session")
def house() -> House:
    """The project as files."""
    return House(ROOT)


@pytest.fixture(scope="session")
def made_up() -> type[Source]:
    """To write samples that a rule must find or let pass: `made_up("voc/x.py", "print(1)")`."""
    return Source
