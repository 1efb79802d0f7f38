"""Where plugins come from: bundled, installed packages, folders dropped into the instance. One shape for all."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from voc import __version__
from voc.core.importing import NO_CODE

GROUP = "voc.plugins"
BUNDLED = "voc_plugins"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that was found and not yet touched: `load` imports it, `manifest` is where plugin.toml should be.

    `package` is what it is imported by, empty for a dropped folder; `version` that of the package, if there is one.
    """

    name: str
    source: str
    manifest: Path
    load: Callable[[], ModuleType]
    package: str = ""
    version: str = ""


def candidates(instance: Path | None) -> Iterator[Candidate]:
    """Every plugin there is, bundled ones first. Finding imports none of them."""
    yield from _bundled()
    yield from installed()
    if instance is not None:
        yield from dropped(instance / "plugins")


def candidate_at(name: str, source: str, folder: Path, package: str, version: str = "") -> Candidate:
    """The plugin in `folder`; imported as `package`, or from its file when that is empty."""
    load = _importer(package) if package else _file_importer(folder)
    return Candidate(name, source, folder / "plugin.toml", load, package, version)


def _bundled() -> Iterator[Candidate]:
    spec = importlib.util.find_spec(BUNDLED)
    for location in (spec.submodule_search_locations or []) if spec else []:
        for folder in sorted(Path(location).iterdir()) if Path(location).is_dir() else []:
            if (folder / "__init__.py").is_file():
                yield candidate_at(folder.name, "bundled", folder, f"{BUNDLED}.{folder.name}", __version__)


def installed() -> Iterator[Candidate]:
    """Plugins of installed packages, by name."""
    for point in sorted(entry_points(group=GROUP), key=lambda item: item.name):
        package = point.value.split(":")[0]
        version = point.dist.version if point.dist else ""
        yield candidate_at(point.name, "installed", _folder_of(package), package, version)


def _folder_of(package: str) -> Path:
    """Where the package's files lie; importing only its parents. A package that is not there gets an empty path."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


def _importer(name: str) -> Callable[[], ModuleType]:
    return lambda: importlib.import_module(name)


def dropped(folder: Path) -> Iterator[Candidate]:
    """Plugins that were dropped into `folder`, by name."""
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.name.startswith((".", "_")):
            yield candidate_at(entry.name, "dropped", entry, "")


def forget_modules(candidate: Candidate) -> None:
    """Let the next import run its files again: what Python keeps of the package, and of what lies beside it, goes."""
    folder = str(candidate.manifest.parent.resolve())
    package = package_of(candidate)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        inside = os.path.realpath(file).startswith(f"{folder}{os.sep}") if file else False
        if name == package or name.startswith(f"{package}.") or inside:
            del sys.modules[name]
    importlib.invalidate_caches()


def package_of(candidate: Candidate) -> str:
    """What a plugin is imported by, wherever it comes from."""
    return candidate.package or _module_name(candidate.manifest.parent)


def _module_name(folder: Path) -> str:
    """What a dropped-in folder is imported by."""
    return f"voc_dropped_{folder.name}"


def _file_importer(folder: Path) -> Callable[[], ModuleType]:
    def load() -> ModuleType:
        name = _module_name(folder)
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(NO_CODE)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        return module

    return load
