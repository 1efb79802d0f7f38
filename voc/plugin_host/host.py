"""The host: loads every plugin it finds, one by one, and keeps those that could not be loaded with their reason."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pluggy

from voc.core.errors import Invalid, VocError
from voc.plugin import Analyzer, Channel, Offer, Options, spec
from voc.plugin_host import deprecations, polling
from voc.plugin_host.claims import belongs, kind_word, offer_word, seconds
from voc.plugin_host.guard import Guard, PluginFailed, Tally
from voc.plugin_host.isolated.plugin import Bounds, Counts, ProcessFailed
from voc.plugin_host.keepers import declaring
from voc.plugin_host.loading import Part, load_apart, load_here
from voc.plugin_host.manifest import Manifest, read_manifest
from voc.plugin_host.offers import KINDS
from voc.plugin_host.places import place_of
from voc.plugin_host.policy import Isolation, Policy, Verdict
from voc.plugin_host.sources import Candidate, candidates, forget_modules
from voc.plugin_host.texts import OfferTexts, Texts

if TYPE_CHECKING:
    from voc.plugin_host.parsers import HostParsers

log = logging.getLogger(__name__)

# Where it is kept what isolated plugins offer: a folder of the instance that no plugin can be called.
NOTES = ".known"
# Isolated plugins that are loaded at once.
SIDE_BY_SIDE = 4


@dataclass(frozen=True, slots=True)
class PluginState:
    """One plugin as shown to the operator. `state` is loaded, blocked (by setting), off (safe mode), disabled (by a
    person) or quarantined (by a person or by the host) with `reason`, or found where nothing was started yet.
    `load_seconds` is None when nothing was loaded.
    `offers` are the names of what it offers beside kinds and analyzers; `warnings` say what it uses that goes away.
    """

    name: str
    title: str
    source: str
    state: Literal["loaded", "blocked", "off", "disabled", "quarantined", "found"]
    reason: str = ""
    kinds: tuple[str, ...] = ()
    analyzers: tuple[str, ...] = ()
    description: str = ""
    version: str = ""
    isolation: Isolation = "worker"
    load_seconds: float | None = None
    level: str = ""
    offers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Known:
    """One plugin that was found, and what became of it."""

    state: PluginState
    verdict: Verdict
    isolation: Isolation
    manifest: Manifest | None = None
    part: Part | None = None
    # Why it waits for another plugin; empty when it does not.
    waits: str = ""


class PluginHost:
    """Channels by kind and analyzers by language, from every plugin that loaded."""

    def __init__(
        self, *, limit: float, policy: Policy | None = None, bounds: Bounds | None = None, instance: Path | None = None
    ) -> None:
        self.guard = Guard(limit=limit)
        # Whether the log hears of a plugin that could not be loaded; else whoever loads tells it.
        self.speaks = True
        self._policy = policy or Policy()
        self._bounds = bounds or Bounds()
        self._instance = instance
        self._manager = pluggy.PluginManager("voc")
        self._manager.add_hookspecs(spec)
        self._known: dict[str, _Known] = {}
        self._second: list[PluginState] = []
        self._waiting: dict[str, str] = {}
        # Replaced as a whole when something changes: whoever reads them needs no lock.
        self._channels: dict[str, tuple[str, Channel, Manifest]] = {}
        self._analyzers: dict[str, tuple[str, Analyzer]] = {}
        self._offers: dict[str, dict[str, tuple[str, Offer]]] = {}
        # Whose each offer was, also when the plugin went: it may come back.
        self._held: dict[tuple[str, str], str] = {}
        self._parsers: HostParsers | None = None
        self._making = threading.Lock()
        self._changing = threading.Lock()

    @property
    def states(self) -> list[PluginState]:
        """Every plugin that was found, in the order they were."""
        return [*(found.state for found in list(self._known.values())), *self._second]

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
        for found in list(self._known.values()):
            if found.part is not None and found.part.process is not None:
                found.part.process.close()

    @classmethod
    def load(
        cls,
        instance: Path | None,
        *,
        blocked: Iterable[str] = (),
        limit: float = 10.0,
        policy: Policy | None = None,
        bounds: Bounds | None = None,
    ) -> PluginHost:
        """Find and load everything that `policy` wants; a plugin that cannot be loaded stops nobody else."""
        host = cls(
            limit=limit, policy=policy or Policy(blocked=frozenset(blocked)), bounds=bounds, instance=instance
        )  # fmt: skip
        host.apply(host._policy)
        return host

    def apply(self, policy: Policy) -> bool:
        """Look for plugins again and load or take away what `policy`, or the folders, now say otherwise; whether
        anything changed. A plugin that changed its files is loaded anew when its choice is made anew."""
        with self._changing:
            self._policy = policy
            found = self._find()
            gone = [name for name in self._known if name not in found]
            new = [candidate for candidate in found.values() if self._differs(candidate)]
            for name in (*gone, *(candidate.name for candidate in new)):
                self._take_away(name)
            self._add_all(new)
            self._arrange()
            return bool(gone or new)

    def _find(self) -> dict[str, Candidate]:
        """What lies there now, by name, and who has to wait for whom."""
        found, self._second = by_name(candidates(self._instance))
        wanted = self._policy.verdict
        self._waiting = seconds(found.values(), lambda it: wanted(it.name, it.source).wanted == "loaded")
        return found

    def anew(self, names: Collection[str]) -> None:
        """Load these from their files again, whatever was chosen; the old ones serve until the new ones stand."""
        with self._changing:
            found = self._find()
            # Who waited for one that went comes in, and the other way round.
            moved = [name for name, known in self._known.items() if known.waits != self._waiting.get(name, "")]
            names = list(dict.fromkeys([*names, *moved]))
            old = [self._take_out(name) for name in names]
            new = [candidate for candidate in found.values() if candidate.name in names]
            for candidate in new:
                forget_modules(candidate)
            self._add_all(new)
            self._arrange()
            _end(old)

    def add(self, candidate: Candidate) -> None:
        """Load one plugin in this process, or put it into quarantine with a reason."""
        with self._changing:
            self._add(candidate, "worker")
            self._arrange()

    def _differs(self, candidate: Candidate) -> bool:
        """Whether the policy says something else of a plugin than when it was last looked at."""
        known = self._known.get(candidate.name)
        if known is None:
            return True
        verdict = self._policy.verdict(candidate.name, candidate.source)
        if known.waits != self._waiting.get(candidate.name, ""):
            return True
        return verdict != known.verdict or self._isolation(candidate) != known.isolation

    def _isolation(self, candidate: Candidate) -> Isolation:
        try:
            asked = read_manifest(candidate.manifest).isolation
        except Invalid:
            asked = ""
        return self._policy.isolation(candidate.name, candidate.source, asked)

    def _take_away(self, name: str) -> None:
        taken = self._take_out(name)
        self._arrange()
        _end([taken])

    def _take_out(self, name: str) -> _Known | None:
        known = self._known.pop(name, None)
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)
        self.guard.forget(name)
        return known

    def _add_all(self, new: list[Candidate]) -> None:
        """Those of this process one after the other, those with processes of their own side by side."""
        where = {candidate.name: self._isolation(candidate) for candidate in new}
        for candidate in new:
            if where[candidate.name] == "worker":
                self._add(candidate, "worker")
        apart = [candidate for candidate in new if where[candidate.name] == "process"]
        if len(apart) < 2:
            for candidate in apart:
                self._add(candidate, "process")
            return
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="plugin-load") as threads:
            list(threads.map(lambda candidate: self._add(candidate, "process"), apart))

    def _add(self, candidate: Candidate, isolation: Isolation) -> None:
        name, verdict = candidate.name, self._policy.verdict(candidate.name, candidate.source)
        state = PluginState(name, name, candidate.source, "loaded", isolation=isolation, version=candidate.version)
        if verdict.wanted != "loaded":
            state = replace(state, state=verdict.wanted, reason=verdict.reason)
            self._known[name] = _Known(state, verdict, isolation)
            return
        if waits := self._waiting.get(name, ""):
            self._known[name] = self._told_to_wait(candidate, state, verdict, waits)
            return
        began, here = time.monotonic(), _folder()
        manifest, part = None, None
        try:
            manifest = read_manifest(candidate.manifest)
            state = described(state, manifest)
            part = self._loaded(candidate, manifest, isolation)
            state = replace(state, warnings=deprecations.warnings_for(part.uses))
            self._enter(name, _Known(state, verdict, isolation, manifest, part))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            reason = error.reason if isinstance(error, PluginFailed) else _readable(error)
            if place := place_of(error, candidate.manifest.parent):
                reason = f"{reason} [{place}]"
            if self.speaks:
                log.warning("plugin quarantined", extra={"plugin": name, "reason": reason})
            state, part = replace(state, state="quarantined", reason=reason), None
        if here is not None and _folder() != here:
            os.chdir(here)
        state = replace(state, load_seconds=time.monotonic() - began)
        self._known[name] = _Known(state, verdict, isolation, manifest, part)

    def _told_to_wait(self, candidate: Candidate, state: PluginState, verdict: Verdict, waits: str) -> _Known:
        if self.speaks:
            log.warning("plugin quarantined", extra={"plugin": candidate.name, "reason": waits})
        state = replace(described(state, read_manifest(candidate.manifest)), state="quarantined", reason=waits)
        return _Known(state, verdict, state.isolation, waits=waits)

    def _enter(self, name: str, known: _Known) -> None:
        """Put it among the others; raises Invalid when one that was loaded at the same time has its kind."""
        part = known.part or Part()
        with self._making:
            taken = [(kind_word(channel.kind), self._owner(channel.kind)) for channel in part.channels]
            taken += [
                (offer_word(key, word), self._holder(key, word)) for key in part.offers for word in part.offers[key]
            ]
            for what, owner in taken:
                if owner:
                    if part.process is not None:
                        part.process.close()
                    raise Invalid(belongs(what, owner))
            self._known[name] = known

    def _loaded(self, candidate: Candidate, manifest: Manifest, isolation: Isolation) -> Part:
        if isolation == "worker":
            return load_here(
                candidate, manifest, guard=self.guard, manager=self._manager, taken=self._owner, holder=self._holder
            )  # fmt: skip
        notes = self._instance / "plugins" / NOTES if self._instance else None
        limit = self.guard.limit
        return load_apart(
            candidate, manifest, bounds=self._bounds, limit=limit, notes=notes, taken=self._owner, holder=self._holder
        )  # fmt: skip

    def _owner(self, kind: str) -> str | None:
        """Whose channel kind it is already."""
        for name, known in list(self._known.items()):
            if known.part is not None and any(channel.kind == kind for channel in known.part.channels):
                return name
        return None

    def _holder(self, key: str, word: str) -> str | None:
        """Which plugin has an offer of this kind and name already."""
        for name, known in list(self._known.items()):
            if known.part is not None and word in known.part.offers.get(key, ()):
                return name
        return None

    def _arrange(self) -> None:
        """Say anew who offers what."""
        offers: dict[str, dict[str, tuple[str, Offer]]] = {key: {} for key in KINDS}
        channels: dict[str, tuple[str, Channel, Manifest]] = {}
        analyzers: dict[str, tuple[str, Analyzer]] = {}
        for name, known in self._known.items():
            if known.part is None or known.manifest is None:
                continue
            for key, found in known.part.offers.items():
                for word, offer in found.items():
                    offers[key].setdefault(word, (name, offer))
            for channel in known.part.channels:
                channels.setdefault(channel.kind, (name, channel, known.manifest))
            for analyzer in known.part.analyzers:
                for language in analyzer.languages:
                    wanted = self._policy.analyzers.get(language)
                    # What comes with voc judges only where somebody chose it; who adds a plugin chose it by that.
                    if wanted == analyzer.name or (wanted is None and known.state.source != "bundled"):
                        analyzers.setdefault(language, (name, analyzer))
        self._held.update({(key, word): found[word][0] for key, found in offers.items() for word in found})
        self._channels, self._analyzers, self._offers = channels, analyzers, offers

    def part(self, name: str) -> Part:
        """Everything that one plugin brought; nothing when it is not loaded."""
        known = self._known.get(name)
        return known.part if known and known.part else Part()

    def channel(self, kind: str) -> tuple[str, Channel] | None:
        """(plugin name, channel object) for `kind`, None when no loaded plugin offers it."""
        found = self._channels.get(kind)
        return found[:2] if found else None

    def capable(self, kind: str, capability: str) -> bool:
        """Whether the loaded plugin for `kind` declares `capability`."""
        found = self._channels.get(kind)
        return found is not None and capability in found[2].capabilities

    def said(self, kind: str, language: str) -> Texts:
        """How the plugin for `kind` calls itself and its options in `language`; what plugin.toml does not say there is
        said in English. Never fails: a kind that nobody offers is called by its name."""
        found = self._channels.get(kind)
        if found is None:
            return Texts(title=kind)
        _, channel, manifest = found
        said = manifest.texts.get(language) or manifest.texts.get("en") or Texts()
        own = channel.title if len(manifest.kinds) > 1 else ""
        title = own or said.title or manifest.title or manifest.name
        texts = Texts(title, said.description or manifest.description, said.options, said.sentences)
        return polling.worded(texts, channel, language)

    def offered(self, key: str) -> dict[str, tuple[str, Offer]]:
        """(plugin name, object) by name of everything that loaded plugins offer of one kind: `actions`, `notifiers`,
        `slots`, `exporters`, `commands` or `schedules`."""
        return dict(self._offers.get(key, {}))

    def keeper(self, key: str, word: str) -> str | None:
        """The plugin that offers this, or would if it were loaded: one that lies there and declares it, else the last
        one that offered it in this process. None when nobody is known to."""
        found = self._offers.get(key, {}).get(word)
        return found[0] if found else declaring(self._instance, key, word) or self._held.get((key, word))

    def settings_of(self, plugin: str) -> Options:
        """The settings of a plugin as a whole; none when it has none, or is not loaded."""
        return self.part(plugin).settings

    def said_of(self, plugin: str, language: str) -> Texts:
        """How a plugin calls itself and its settings in `language`. Never fails."""
        known = self._known.get(plugin)
        if known is None or known.manifest is None:
            return Texts(title=plugin)
        manifest = known.manifest
        said = manifest.texts.get(language) or manifest.texts.get("en") or Texts()
        title, description = said.title or manifest.title or plugin, said.description or manifest.description
        return replace(said, title=title, description=description)

    def said_offer(self, key: str, name: str, language: str) -> Texts:
        """How the offer `name` of one kind is called, what it is for, and how its options are called, in `language`.
        Never fails: an offer that is not there is called by its name."""
        found = self._offers.get(key, {}).get(name)
        if found is None:
            return Texts(title=name)
        plugin, offer = found
        texts = self.said_of(plugin, language)
        said = texts.offers.get(f"{KINDS[key].word} {name}") or texts.offers.get(name) or OfferTexts()
        help_text = said.help or str(getattr(offer, "help", ""))
        return Texts(said.label or offer.title or name, help_text, said.options, texts.sentences)

    def missing(self, kind: str) -> str:
        """Why no loaded plugin offers channels of `kind`, in one sentence with the plugin's name and reason."""
        for state in self.states:
            if state.state != "loaded" and kind in (*state.kinds, state.name):
                reason = f": {state.reason}" if state.reason else ""
                return f"no loaded plugin reads channels of kind {kind}; plugin {state.name} is {state.state}{reason}"
        return f"no loaded plugin reads channels of kind {kind}: voc plugin list shows what there is"

    def kinds(self) -> list[str]:
        """Every channel kind that can be configured."""
        return sorted(self._channels)

    def analyzers(self) -> dict[str, tuple[str, Analyzer]]:
        """(plugin name, analyzer) by language, where a plugin judges it."""
        return dict(self._analyzers)

    @property
    def chosen_analyzers(self) -> Mapping[str, str]:
        """The name of the analyzer that somebody chose for a language, whoever has it."""
        return self._policy.analyzers

    def figures(self) -> dict[str, tuple[Tally, Counts | None, int]]:
        """By plugin: what became of its calls in this process, and of its own processes, and how many live now."""
        found = {}
        for name, known in list(self._known.items()):
            process = known.part.process if known.part else None
            tally = self.guard.tallies.get(name) or Tally()
            found[name] = (tally, process.counts if process else None, len(process.pids) if process else 0)
        return found


def _end(taken: Iterable[_Known | None]) -> None:
    """End the processes of plugins that were taken out."""
    for known in taken:
        if known is not None and known.part is not None and known.part.process is not None:
            known.part.process.close()


def by_name(found: Iterable[Candidate]) -> tuple[dict[str, Candidate], list[PluginState]]:
    """(the first of each name, what is shown of the others)."""
    first: dict[str, Candidate] = {}
    second = []
    for candidate in found:
        name, source = candidate.name, candidate.source
        if first.setdefault(name, candidate) is not candidate:
            reason = f"there is a plugin of this name already ({first[name].source}); give this one another"
            second.append(PluginState(name, name, source, "quarantined", reason))
    return first, second


def described(state: PluginState, manifest: Manifest) -> PluginState:
    """The state with what plugin.toml says."""
    return replace(
        state,
        title=manifest.title or manifest.name,
        kinds=manifest.kinds,
        analyzers=manifest.analyzers,
        description=manifest.description,
        version=manifest.version or state.version,
        level=manifest.level,
        offers=tuple(name for names in manifest.offers.values() for name in names),
    )


def _folder() -> str | None:
    """Where this process stands; None when that folder is gone."""
    try:
        return os.getcwd()
    except OSError:
        return None


def _readable(error: BaseException) -> str:
    text = " ".join(str(error).split())
    known = isinstance(error, (Invalid, ProcessFailed, VocError))
    return text if known else f"{type(error).__name__}: {text}".rstrip(": ")
