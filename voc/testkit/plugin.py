"""A plugin under test: where it lies, what its plugin.toml says, its code and its fixtures."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from voc.core.errors import Invalid
from voc.core.importing import NO_CODE, no_code, not_imported
from voc.plugin import Channel, Offer, Options
from voc.testkit.fixtures import AnalyzerFixtures, Fixtures, OfferFixtures
from voc.testkit.rule import LEVELS, Level

FIXTURES = "fixtures"
# What may be offered beside channels and analyzers: the key in plugin.toml, and one of it in words.
OFFERS: Mapping[str, str] = {
    "actions": "action",
    "notifiers": "notifier",
    "slots": "slot",
    "exporters": "exporter",
    "commands": "command",
    "schedules": "schedule",
}


@dataclass(frozen=True, slots=True)
class Located:
    """A plugin's folder; `module` is what it is imported by, empty for a folder that is nowhere on the path."""

    folder: Path
    module: str = ""

    @classmethod
    def of(cls, path: Path | str) -> Located:
        """The plugin in a folder, or in the one folder below it that holds one (a project). Raises Invalid."""
        given = Path(path).resolve()
        if not given.is_dir():
            raise Invalid(f"{given} is no folder")
        inside = [] if (given / "plugin.toml").is_file() else [entry.parent for entry in given.glob("*/plugin.toml")]
        if len(inside) > 1:
            names = ", ".join(sorted(folder.name for folder in inside))
            raise Invalid(f"{given} holds several plugins ({names}): say which one")
        folder = inside[0] if inside else given
        if not (folder / "plugin.toml").is_file() and not (folder / "__init__.py").is_file():
            raise Invalid(f"{given} is no plugin: it has neither plugin.toml nor __init__.py")
        return cls(folder)


@dataclass(slots=True)
class Plugin:
    """What was found in it. `trouble` is the sentence that says why it could not be loaded. `offers` are (key, object)
    by words such as `action post`; `offer_fixtures` by the name of an offer, empty for all others."""

    located: Located
    manifest: Mapping[str, Any] = field(default_factory=dict)
    module: ModuleType | None = None
    channels: dict[str, type[Channel]] = field(default_factory=dict)
    analyzers: dict[str, Any] = field(default_factory=dict)
    fixtures: dict[str, Fixtures] = field(default_factory=dict)
    analyzer_fixtures: dict[str, AnalyzerFixtures] = field(default_factory=dict)
    offers: dict[str, tuple[str, Offer]] = field(default_factory=dict)
    settings: Options = field(default_factory=Options)
    offer_fixtures: dict[str, OfferFixtures] = field(default_factory=dict)
    trouble: str = ""
    no_fixtures: str = ""

    @property
    def capabilities(self) -> frozenset[str]:
        """What plugin.toml declares."""
        return frozenset(words(self.manifest, "capabilities"))

    def fixtures_of(self, offer: str) -> OfferFixtures | None:
        """Those of an offer such as `action post`: its own, those of every offer of its name, or those of all."""
        called = (offer, offer.partition(" ")[2], "")
        return next((self.offer_fixtures[name] for name in called if name in self.offer_fixtures), None)


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """plugin.toml as it stands; raises Invalid with a sentence."""
    try:
        return tomllib.loads((folder / "plugin.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Invalid("plugin.toml is missing beside the code") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"plugin.toml cannot be read: byte {error.start + 1} is no UTF-8") from None
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise Invalid(f"plugin.toml cannot be read: {error}") from None


def claimed(folder: Path) -> Level | None:
    """The level that plugin.toml claims; None when it claims none, or cannot be read."""
    try:
        found = read_manifest(folder).get("level")
    except Invalid:
        return None
    return found if found in LEVELS else None


def words(manifest: Mapping[str, Any], name: str) -> list[str]:
    """A list of words in plugin.toml, without what is none."""
    value = manifest.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def load(located: Located) -> Plugin:
    """The plugin with its code and fixtures; what cannot be loaded is said in `trouble` and `no_fixtures`."""
    plugin = Plugin(located)
    try:
        plugin.manifest = read_manifest(located.folder)
    except Invalid as error:
        plugin.trouble = str(error)
        return plugin
    module, plugin.trouble = _tried(lambda: _imported(located), located, "while it was imported")
    if module is None:
        return plugin
    plugin.module = module
    channels, trouble = _tried(lambda: _offered(module, "voc_channels"), located)
    plugin.channels = {str(item.kind): item for item in channels or [] if _is_channel(item)}
    analyzers, other = _tried(lambda: _offered(module, "voc_analyzers"), located)
    plugin.analyzers = {str(getattr(item, "name", "")): item for item in analyzers or []}
    _, third = _tried(lambda: _take_offers(plugin, module), located)
    plugin.trouble = trouble or other or third or _undeclared(plugin, channels or [])
    if not (located.folder / f"{FIXTURES}.py").is_file():
        plugin.no_fixtures = "there is none beside the code"
        return plugin
    beside, plugin.no_fixtures = _tried(
        lambda: importlib.import_module(f"{module.__name__}.{FIXTURES}"), located, "while it was imported"
    )
    if beside is not None:
        _take_fixtures(plugin, beside)
    return plugin


def _tried(action: Any, located: Located, doing: str = "while it was asked what it offers") -> tuple[Any, str]:
    """(what it returned, "") or (None, what it raised in one sentence)."""
    try:
        return action(), ""
    except Invalid as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001  the plugin border: whatever its code raises is what is said about it
        if why := not_imported(error, located.folder, located.module or _module_name(located.folder), doing):
            return None, why
        text = " ".join(str(error).split())
        return None, f"{type(error).__name__}: {text}".rstrip(": ")


def _imported(located: Located) -> ModuleType:
    if located.module:
        return importlib.import_module(located.module)
    folder = located.folder
    if why := no_code(folder):
        raise Invalid(why)
    name = _module_name(folder)
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(folder / "__init__.py"):
        return sys.modules[name]
    for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[known]
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise Invalid(NO_CODE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _module_name(folder: Path) -> str:
    """What a folder that is nowhere on the path is imported by."""
    return f"voc_checked_{folder.name}"


def _offered(module: ModuleType, hook: str) -> list[Any]:
    function = getattr(module, hook, None)
    if function is None:
        return []
    if not hasattr(function, "voc_impl"):
        raise Invalid(f"{hook} is not marked with @hookimpl, so that the host does not see it")
    answer = function()
    if not isinstance(answer, (list, tuple)):
        raise Invalid(f"{hook} must return a list, not {type(answer).__name__}")
    return list(answer)


def _is_channel(item: Any) -> bool:
    return isinstance(item, type) and issubclass(item, Channel)


def _undeclared(plugin: Plugin, offered: list[Any]) -> str:
    """What is offered and not declared, or the other way round; empty when both agree."""
    wrong = [item for item in offered if not _is_channel(item)]
    if wrong:
        return f"voc_channels returned {wrong[0]!r}, which is no subclass of voc.plugin.Channel"
    declared = {*words(plugin.manifest, "kinds"), *words(plugin.manifest, "analyzers")}
    there = {*plugin.channels, *plugin.analyzers}
    if missing := sorted(declared - there):
        return f"plugin.toml declares {missing[0]!r}, and no hook offers it"
    if unknown := sorted(there - declared):
        return f"{unknown[0]!r} is offered, and plugin.toml does not declare it"
    for key, word in OFFERS.items():
        named = {f"{word} {name}" for name in words(plugin.manifest, key)}
        mine = {name for name, (own, _) in plugin.offers.items() if own == key}
        if missing := sorted(named - mine):
            return f"plugin.toml declares the {missing[0]}, and no hook offers it"
        if unknown := sorted(mine - named):
            return f"the {unknown[0]} is offered, and plugin.toml does not declare it"
    if not there and not plugin.offers:
        return "it offers nothing: neither kinds nor analyzers nor anything else"
    return ""


def _take_offers(plugin: Plugin, module: ModuleType) -> None:
    """Everything else that its hooks return; raises Invalid for what is no offer."""
    for key, word in OFFERS.items():
        for item in _offered(module, f"voc_{key}"):
            if not isinstance(item, Offer):
                raise Invalid(f"voc_{key} returned an object of class {type(item).__name__}, which is no {word}")
            plugin.offers[f"{word} {item.name}"] = (key, item)
    settings = getattr(module, "voc_settings", None)
    if settings is not None:
        found = settings()
        if not isinstance(found, Options):
            raise Invalid(f"voc_settings must return voc.plugin.Options, not {type(found).__name__}")
        plugin.settings = found


def _take_fixtures(plugin: Plugin, beside: ModuleType) -> None:
    """Every subclass of Fixtures and AnalyzerFixtures that the file defines, by what it is for."""
    kinds, names = list(plugin.channels), list(plugin.analyzers)
    for item in vars(beside).values():
        if not isinstance(item, type) or item.__module__ != beside.__name__:
            continue
        if issubclass(item, Fixtures):
            plugin.fixtures[item.kind or (kinds[0] if kinds else "")] = item()
        elif issubclass(item, AnalyzerFixtures):
            plugin.analyzer_fixtures[item.name or (names[0] if names else "")] = item()
        elif issubclass(item, OfferFixtures):
            plugin.offer_fixtures[item.name] = item()
