"""Scenario 5: memory of the idle house, the time to build the application, and what `voc --help` imports."""

from __future__ import annotations

import compileall
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import serving
from bench.figures import Figure
from bench.neighbors import family

# The direct dependencies of setup.cfg, by the names they are imported with.
DECLARED = (
    "flask",
    "waitress",
    "sqlalchemy",
    "sqlalchemy.orm",
    "alembic",
    "marshmallow",
    "flask_smorest",
    "flask_swagger_ui",
    "flask_security",
    "argon2",
    "flask_babel",
    "flask_limiter",
    "pluggy",
    "textblob",
    "holidays",
    "cryptography.fernet",
)

# Builds the application over an instance and says how much processor time that took from the first line on, and what
# voc's own modules imported from elsewhere on the way.
_CREATE = """
import time; begin = time.process_time()
import builtins, json, sys
names, plain = [], builtins.__import__
def watched(name, globals=None, locals=None, fromlist=(), level=0):
    owner = (globals or {}).get("__name__", "")
    if level == 0 and owner.split(".")[0] in ("voc", "voc_plugins"):
        top = name.split(".")[0]
        if top not in sys.stdlib_module_names and top not in ("voc", "voc_plugins", "__future__"):
            names.append(name)
    return plain(name, globals, locals, fromlist, level)
if WATCH: builtins.__import__ = watched
from pathlib import Path
from typing import Any
from voc.core.settings import load
from voc.runtime.instance import open_instance
from voc.app.factory import create_app
imported = time.process_time()
runtime = open_instance(load({}, instance=Path(sys.argv[1])), create=False)
opened = time.process_time()
create_app(runtime)
done = time.process_time()
builtins.__import__ = plain
print(json.dumps([done - begin, imported - begin, opened - imported, done - opened, list(dict.fromkeys(names))]))
runtime.close()
"""
_IMPORT = """
import time; begin = time.process_time()
import importlib, json, sys
for name in sys.argv[1:]: importlib.import_module(name)
print(json.dumps([time.process_time() - begin]))
"""
_HELP = """
import contextlib, io, json, sys
sys.argv = ["voc", "--help"]
from voc.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules} & {"textblob", "sqlalchemy", "flask", "nltk"})))
"""


def measure(folder: Path, *, seconds: float, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """All three."""
    house = folder / "house"
    house.mkdir(parents=True)
    return [*_memory(house, seconds, tell), *_building(house, rounds, tell), _help()]


def _memory(house: Path, seconds: float, tell: Callable[[str], None]) -> list[Figure]:
    """Proportional set size of every process of a fresh `voc serve` that nobody has asked anything."""
    with serving.voc(house, worker=True) as server:
        time.sleep(seconds)
        parts = {pid: pss(pid) for pid in family(server.process.pid)}
    web = parts.pop(server.process.pid)
    total = web + sum(parts.values())
    tell(f"  web {web:.1f} MB, worker {', '.join(f'{part:.1f}' for part in parts.values())} MB")
    detail = f"web {web:.0f}, others {', '.join(f'{part:.0f}' for part in parts.values())}; idle for {seconds:.0f} s"
    return [Figure("memory of voc serve, idle (PSS)", total, "MB", detail, target=180, at_least=False)]


def pss(pid: int) -> float:
    """Proportional set size in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel tells no proportional set size")


def _building(house: Path, rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    """create_app in fresh interpreters, in turn with bare imports: of exactly what voc's modules import on the way,
    and of every direct dependency that is declared."""
    for package in ("voc", "voc_plugins"):
        for folder in importlib.import_module(package).__path__:
            compileall.compile_dir(folder, quiet=2)  # as an installed package is
    names: list[str] = _python("WATCH = True" + _CREATE, str(house))[4]
    build: list[list[float]] = []
    bare: list[float] = []
    declared: list[float] = []
    for _ in range(max(rounds, 3) + 1):
        build.append(_python("WATCH = False" + _CREATE, str(house)))
        bare.append(_python(_IMPORT, *names)[0])
        declared.append(_python(_IMPORT, *DECLARED)[0])
    whole, imports, opening, making = (statistics.median(row[n] for row in build[1:]) * 1000 for n in range(4))
    least, most = statistics.median(bare[1:]) * 1000, statistics.median(declared[1:]) * 1000
    tell(f"  imported by voc itself: {' '.join(names)}")
    return [
        Figure(
            "create_app / importing what it imports",
            whole / least,
            "x",
            f"{whole:.0f} ms (imports {imports:.0f}, instance {opening:.0f}, app {making:.0f}), bare {least:.0f} ms",
            target=1.3,
            at_least=False,
        ),
        Figure("  the same / importing all that is declared", whole / most, "x", f"{most:.0f} ms"),
    ]


def _help() -> Figure:
    """How many of the heavy libraries `voc --help` imports."""
    heavy = _python(_HELP)
    return Figure("heavy libraries in voc --help", len(heavy), "", " ".join(heavy) or "none", target=0, at_least=False)


def _python(code: str, *arguments: str) -> list[Any]:
    """Run `code` in a fresh interpreter and read what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOC_")}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])
