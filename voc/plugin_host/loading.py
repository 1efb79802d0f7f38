"""Taking one plugin in: import it, ask its hooks, check every answer; in this process or in one of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from voc.core.errors import Invalid
from voc.core.importing import no_code, not_imported
from voc.plugin import Analyzer, Channel, Options
from voc.plugin_host import offers, polling
from voc.plugin_host.deprecations import uses_of
from voc.plugin_host.guard import Guard, PluginFailed
from voc.plugin_host.isolated.known import known, remember
from voc.plugin_host.isolated.plugin import Bounds, IsolatedPlugin
from voc.plugin_host.isolated.remote import analyzer_of, channel_class, offer_of, settings_of
from voc.plugin_host.manifest import Manifest
from voc.plugin_host.offers import Holder, Offers
from voc.plugin_host.sources import Candidate, package_of

# What a channel that declares a capability has to override.
METHODS = {"ACCEPT": "accept", "FETCH": "fetch", "FORM": "form", "SEND": "send"}
# What a hook's function may ask for by name; pluggy refuses one that names anything else.
GIVEN: dict[str, Any] = {}


@dataclass(slots=True)
class Part:
    """What one plugin brought. `settings` are those of the plugin as a whole; `uses` names what of the contract it
    touches, for whatever is going to go away."""

    channels: list[Channel] = field(default_factory=list)
    analyzers: list[Analyzer] = field(default_factory=list)
    process: IsolatedPlugin | None = None
    offers: Offers = field(default_factory=dict)
    settings: Options = field(default_factory=Options)
    uses: frozenset[str] = frozenset()


def load_here(
    candidate: Candidate,
    manifest: Manifest,
    *,
    guard: Guard,
    manager: pluggy.PluginManager,
    taken: Callable[[str], str | None],
    holder: Holder,
) -> Part:
    """Import it under the guard, register, ask its hooks, check every answer; all or nothing. `taken` says whose a
    kind is already, `holder` whose the name of an offer."""
    name = candidate.name
    module = _imported(guard, candidate)
    try:
        with _plainly(candidate, "while it was asked what it offers"):
            manager.register(module, name=name)
            manager.check_pending()
            offered = _ask(guard, manager, name, "voc_channels")
            channels = [guard.call(name, _channel_class(manifest, item, taken)) for item in offered]
            analyzers = [_analyzer(manifest, item) for item in _ask(guard, manager, name, "voc_analyzers")]
            _complete(manifest, channels, analyzers)
            for channel in channels:
                polling.complete(channel, manifest)
            offered_too = offers.checked(
                manifest.offers, lambda kind: _ask(guard, manager, name, kind.hook), holder
            )  # fmt: skip
            settings = offers.ask_settings(guard, name, _implementation(manager, name, "voc_settings"))
            uses = uses_of(
                manager, name, module, manifest, (*channels, *(x for y in offered_too.values() for x in y.values()))
            )
    except BaseException:
        if manager.has_plugin(name):
            manager.unregister(name=name)
        raise
    return Part(channels, analyzers, None, offered_too, settings, uses)


def _imported(guard: Guard, candidate: Candidate) -> ModuleType:
    if not candidate.package and (why := no_code(candidate.manifest.parent)):
        raise Invalid(why)
    with _plainly(candidate, "while it was imported"):
        module: ModuleType = guard.call(candidate.name, candidate.load)
    return module


@contextmanager
def _plainly(candidate: Candidate, doing: str) -> Iterator[None]:
    """Say what Python says unclearly in words of ours: Invalid in place of PluginFailed."""
    try:
        yield
    except PluginFailed as failed:
        folder = candidate.manifest.parent
        if why := not_imported(failed.__cause__, folder, package_of(candidate), doing):
            # `from`: the line of the plugin on which it happened is looked for there.
            raise Invalid(why) from failed
        raise


def load_apart(
    candidate: Candidate,
    manifest: Manifest,
    *,
    bounds: Bounds,
    limit: float,
    notes: Path | None,
    taken: Callable[[str], str | None],
    holder: Holder,
) -> Part:
    """Have a process of its own load it, unless it is known already what these very files offer; the same checks.

    `notes` is the folder where that is kept. Raises Invalid with the reason, or ProcessFailed.
    """
    process = IsolatedPlugin(candidate, bounds=bounds, limit=limit)
    try:
        said = known(notes, candidate)
        if said is None:
            said = process.describe()
            if said.get("state") != "loaded":
                raise Invalid(str(said.get("reason") or "its process did not load it"))
            remember(notes, candidate, said)
        classes = [channel_class(process, item) for item in said.get("channels", ())]
        channels = [_channel_class(manifest, item, taken)() for item in classes]
        analyzers: list[Analyzer] = [
            _analyzer(manifest, analyzer_of(process, item)) for item in said.get("analyzers", ())
        ]
        _complete(manifest, channels, analyzers)
        for channel in channels:
            polling.complete(channel, manifest)
        others = [offer_of(process, item) for item in said.get("offers", ())]
        offered = offers.checked(
            manifest.offers, lambda kind: [offer for key, offer in others if key == kind.key], holder
        )  # fmt: skip
        settings = offers.check_options(f"plugin {candidate.name}", settings_of(said))
        uses = frozenset(map(str, said.get("uses", ())))
    except BaseException:
        process.close()
        raise
    return Part(channels, analyzers, process, offered, settings, uses)


def _ask(guard: Guard, manager: pluggy.PluginManager, name: str, hook: str) -> list[Any]:
    """Call one plugin's implementation of `hook`, if it has one."""
    function = _implementation(manager, name, hook)
    if function is None:
        return []
    answer = guard.call(name, function)
    if not isinstance(answer, (list, tuple)):
        raise Invalid(f"{hook} must return a list, not {type(answer).__name__}")
    return list(answer)


def _implementation(manager: pluggy.PluginManager, name: str, hook: str) -> Callable[[], Any] | None:
    """One plugin's function for `hook`, None when it has none. It gets those of the hook's arguments that it names, so
    that one can be added without asking anybody."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        if implementation.plugin_name == name:
            wanted = {word: GIVEN[word] for word in implementation.argnames}
            return partial(implementation.function, **wanted)
    return None


def _channel_class(manifest: Manifest, item: Any, taken: Callable[[str], str | None]) -> type[Channel]:
    if not (isinstance(item, type) and issubclass(item, Channel)):
        raise Invalid(f"voc_channels returned {item!r}, which is no subclass of voc.plugin.Channel")
    if item.kind not in manifest.kinds:
        raise Invalid(f"channel kind {item.kind!r} is not declared in plugin.toml")
    if owner := taken(item.kind):
        raise Invalid(f"channel kind {item.kind!r} belongs to plugin {owner} already")
    for capability, method in METHODS.items():
        if capability in manifest.capabilities and getattr(item, method) is getattr(Channel, method):
            raise Invalid(f"plugin.toml declares {capability}, and {method}() is not there")
    return item


def _analyzer(manifest: Manifest, item: Any) -> Analyzer:
    for attribute in ("name", "version", "languages", "analyze"):
        if not hasattr(item, attribute):
            raise Invalid(f"voc_analyzers returned an object without {attribute}")
    if item.name not in manifest.analyzers:
        raise Invalid(f"analyzer {item.name!r} is not declared in plugin.toml")
    if not isinstance(item.languages, (set, frozenset)) or not all(isinstance(x, str) for x in item.languages):
        raise Invalid(f"languages of analyzer {item.name!r} must be a frozenset of words such as 'es'")
    if not callable(item.analyze):
        raise Invalid(f"analyze of analyzer {item.name!r} is no function")
    analyzer: Analyzer = item
    return analyzer


def _complete(manifest: Manifest, channels: Collection[Channel], analyzers: Collection[Analyzer]) -> None:
    """Raise Invalid when something that plugin.toml declares is not offered."""
    offered = {*(channel.kind for channel in channels), *(analyzer.name for analyzer in analyzers)}
    for name in (*manifest.kinds, *manifest.analyzers):
        if name not in offered:
            raise Invalid(f"plugin.toml declares {name!r}, and no hook offers it")
