"""Every module of voc can be the first one that is imported, and `voc --help` imports next to nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from subprocess import PIPE
from typing import Any

import pytest

# Modules that do something when they are imported: that is what they are for.
ACTING = {"voc.__main__", "voc.wsgi"}
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

# One process takes in everybody else's packages, then every module is imported in a fork of its own.
FORK = """
import importlib, os, sys, traceback
for name in ("sqlalchemy.orm", "flask", "flask_security", "flask_smorest", "flask_babel", "marshmallow", "pluggy",
             "click", "textblob", "cryptography.fernet", "email", "asyncio", "waitress.server", "alembic.config"):
    importlib.import_module(name)
assert not [name for name in sys.modules if name == "voc" or name.startswith("voc.")]
failed = []
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
print(*failed)
"""

HELP = """
import sys
from voc.cli import main
sys.argv = ["voc", "--help"]
try:
    main()
except SystemExit:
    pass
print(*sorted({"textblob", "nltk", "sqlalchemy", "flask", "alembic", "voc.model", "voc.runtime"} & set(sys.modules)),
      file=sys.stderr)
"""


def modules_of(house: Any) -> list[str]:
    """The dotted name of every module of voc."""
    paths = [source.path for source in house.sources("voc")]
    names = [path.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in paths]
    return [name for name in names if name not in ACTING]


def not_alone(house: Any, names: list[str]) -> tuple[str, str]:
    """Which of these modules cannot be the first one imported, and the tracebacks; two halves beside each other."""
    halves = [
        subprocess.Popen([sys.executable, "-c", FORK, *half], stdout=PIPE, stderr=PIPE, text=True, cwd=house.root)
        for half in (names[::2], names[1::2])
    ]
    said = [half.communicate(timeout=400) for half in halves]
    assert [half.returncode for half in halves] == [0, 0], said
    return " ".join(out.strip() for out, _ in said).strip(), "".join(errors for _, errors in said)[-6000:]


@FORKS
def test_every_room_imports_alone(house: Any) -> None:
    rooms = [name for name in modules_of(house) if name.count(".") == 1]
    failed, why = not_alone(house, rooms)
    assert failed == "", why


@FORKS
@pytest.mark.slow
def test_every_module_imports_alone(house: Any) -> None:
    failed, why = not_alone(house, modules_of(house))
    assert failed == "", why


def test_help_imports_next_to_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == ""
    assert "serve" in done.stdout
