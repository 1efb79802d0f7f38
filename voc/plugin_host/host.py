"""The host: loads every plugin it finds, one by one, and keeps those that could not be loaded with their reason."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import pluggy

from voc.core.errors import Invalid
from voc.plugin import Analyzer, Channel, spec
from voc.plugin_host.guard import Guard, PluginFailed
from voc.plugin_host.manifest import Manifest, read_manifest
from voc.plugin_host.sources import Candidate, candidates
from voc.plugin_host.texts import Texts

if TYPE_CHECKING:
    from voc.plugin_host.parsers import HostParsers

log = logging.getLogger(__name__)

# What a channel that declares a capability has to override.
METHODS = {"ACCEPT": "accept", "FETCH": "fetch", "FORM": "form", "SEND": "send"}


@dataclass(frozen=True, slots=True)
class PluginState:
    """One plugin as shown to the operator. `state` is loaded, blocked (by setting) or quarantined with `reason`."""

    name: str
    title: str
    source: str
    state: Literal["loaded", "blocked", "quarantined"]
    reason: str = ""
    kinds: tuple[str, ...] = ()
    analyzers: tuple[str, ...] = ()
    description: str = ""


class PluginHost:
    """Channels by kind and analyzers by language, from every plugin that loaded."""

    def __init__(self, *, limit: float) -> None:
        self.guard = Guard(limit=limit)
        self.states: list[PluginState] = []
        self._manager = pluggy.PluginManager("voc")
        self._manager.add_hookspecs(spec)
        self._channels: dict[str, tuple[str, Channel]] = {}
        self._manifests: dict[str, Manifest] = {}
        self._analyzers: dict[str, tuple[str, Analyzer]] = {}
        self._parsers: HostParsers | None = None
        self._making = threading.Lock()

    @property
    def parsers(self) -> HostParsers:
        """The bounded parsers, made when they are first asked for: they start a child process."""
        with self._making:
            if self._parsers is None:
                from voc.plugin_host.parsers import HostParsers

                self._parsers = HostParsers()
            return self._parsers

    def close(self) -> None:
        """End what was started for the plugins."""
        with self._making:
            if self._parsers is not None:
                self._parsers.close()
                self._parsers = None

    @classmethod
    def load(cls, instance: Path | None, *, blocked: Iterable[str] = (), limit: float = 10.0) -> PluginHost:
        """Find and load everything; a plugin that cannot be loaded stops nobody else."""
        host = cls(limit=limit)
        for candidate in candidates(instance):
            host.add(candidate, blocked=candidate.name in set(blocked))
        return host

    def add(self, candidate: Candidate, *, blocked: bool = False) -> None:
        """Load one plugin or put it into quarantine with a reason."""
        if blocked:
            self.states.append(PluginState(candidate.name, candidate.name, candidate.source, "blocked"))
            return
        title = candidate.name
        try:
            manifest = read_manifest(candidate.manifest)
            title = manifest.title or manifest.name
            self._take(candidate.name, manifest, candidate.load)
            state = PluginState(
                candidate.name,
                title,
                candidate.source,
                "loaded",
                kinds=manifest.kinds,
                analyzers=manifest.analyzers,
                description=manifest.description,
            )
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            reason = error.reason if isinstance(error, PluginFailed) else _readable(error)
            log.warning("plugin quarantined", extra={"plugin": candidate.name, "reason": reason})
            state = PluginState(candidate.name, title, candidate.source, "quarantined", reason=reason)
        self.states.append(state)

    def _take(self, name: str, manifest: Manifest, load: Any) -> None:
        """Import under the guard, register, ask both hooks, check every answer; all or nothing."""
        module: ModuleType = self.guard.call(name, load)
        try:
            self._manager.register(module, name=name)
            self._manager.check_pending()
            channels = [self._channel(name, manifest, item) for item in self._ask(name, "voc_channels")]
            analyzers = [self._analyzer(manifest, item) for item in self._ask(name, "voc_analyzers")]
            _complete(manifest, channels, analyzers)
        except BaseException:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            raise
        for channel in channels:
            self._channels[channel.kind] = (name, channel)
            self._manifests[channel.kind] = manifest
        for analyzer in analyzers:
            for language in analyzer.languages:
                self._analyzers.setdefault(language, (name, analyzer))

    def _ask(self, name: str, hook: str) -> list[Any]:
        """Call one plugin's implementation of `hook`, if it has one."""
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            if implementation.plugin_name == name:
                answer = self.guard.call(name, implementation.function)
                if not isinstance(answer, (list, tuple)):
                    raise Invalid(f"{hook} must return a list, not {type(answer).__name__}")
                return list(answer)
        return []

    def _channel(self, name: str, manifest: Manifest, item: Any) -> Channel:
        if not (isinstance(item, type) and issubclass(item, Channel)):
            raise Invalid(f"voc_channels returned {item!r}, which is no subclass of voc.plugin.Channel")
        if item.kind not in manifest.kinds:
            raise Invalid(f"channel kind {item.kind!r} is not declared in plugin.toml")
        if item.kind in self._channels:
            raise Invalid(f"channel kind {item.kind!r} belongs to plugin {self._channels[item.kind][0]} already")
        for capability, method in METHODS.items():
            if capability in manifest.capabilities and getattr(item, method) is getattr(Channel, method):
                raise Invalid(f"plugin.toml declares {capability}, and {method}() is not there")
        channel: Channel = self.guard.call(name, item)
        return channel

    def _analyzer(self, manifest: Manifest, item: Any) -> Analyzer:
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

    def channel(self, kind: str) -> tuple[str, Channel] | None:
        """(plugin name, channel object) for `kind`, None when no loaded plugin offers it."""
        return self._channels.get(kind)

    def capable(self, kind: str, capability: str) -> bool:
        """Whether the loaded plugin for `kind` declares `capability`."""
        manifest = self._manifests.get(kind)
        return manifest is not None and capability in manifest.capabilities

    def said(self, kind: str, language: str) -> Texts:
        """How the plugin for `kind` calls itself and its options in `language`; what plugin.toml does not say there is
        said in English. Never fails: a kind that nobody offers is called by its name."""
        manifest = self._manifests.get(kind)
        if manifest is None:
            return Texts(title=kind)
        said = manifest.texts.get(language) or manifest.texts.get("en") or Texts()
        own = self._channels[kind][1].title if len(manifest.kinds) > 1 else ""
        title = own or said.title or manifest.title or manifest.name
        return Texts(title, said.description or manifest.description, said.options)

    def kinds(self) -> list[str]:
        """Every channel kind that can be configured."""
        return sorted(self._channels)

    def analyzers(self) -> dict[str, tuple[str, Analyzer]]:
        """(plugin name, analyzer) by language."""
        return dict(self._analyzers)


def _complete(manifest: Manifest, channels: list[Channel], analyzers: list[Analyzer]) -> None:
    """Raise Invalid when something that plugin.toml declares is not offered."""
    offered = {*(channel.kind for channel in channels), *(analyzer.name for analyzer in analyzers)}
    for name in (*manifest.kinds, *manifest.analyzers):
        if name not in offered:
            raise Invalid(f"plugin.toml declares {name!r}, and no hook offers it")


def _readable(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, Invalid) else f"{type(error).__name__}: {text}".rstrip(": ")
