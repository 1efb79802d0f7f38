"""Why a plugin's code could not be imported, where Python's own words do not say what to do. Pure but for a look at
what is installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

NO_CODE = "there is no __init__.py beside plugin.toml"
LONGEST_NAME = 100


def no_code(folder: Path) -> str:
    """The sentence for a dropped-in folder that holds no code; empty when it does."""
    return "" if (folder / "__init__.py").is_file() else NO_CODE


def not_imported(error: BaseException | None, folder: Path, package: str, doing: str) -> str:
    """What is to be said instead of `error`; empty when it says it itself. `folder` and `package` are the plugin's own,
    `doing` is when it was raised: `while it was imported`."""
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        said = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
        return f"ended the program {doing} ({said})"
    if isinstance(error, ModuleNotFoundError) and (name := _missing(error, folder, package)):
        return f"needs the Python package {name}, which is not installed: pip install {name}"
    return ""


def _missing(error: ModuleNotFoundError, folder: Path, package: str) -> str:
    """The package that has to be installed; empty when it is the plugin's own module that is missing, which is a
    mistake in it, or nothing that could be installed."""
    # A missing package is named by its first part: Python imports that before the others.
    name = error.name or ""
    if not (name.isascii() and name.isidentifier()) or len(name) > LONGEST_NAME or name in sys.stdlib_module_names:
        return ""
    # `import wire` for a wire.py beside the code, or `import acme_chat` inside of acme_chat: a dot is what is missing.
    beside = (folder / f"{name}.py").exists() or (folder / name).is_dir()
    if beside or name in (folder.name, package.partition(".")[0]) or _is_there(name):
        return ""
    return name


def _is_there(name: str) -> bool:
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return True
