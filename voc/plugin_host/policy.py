"""Which plugins run, and where: the settings, what an operator chose, what a plugin asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Isolation = Literal["worker", "process"]
Wanted = Literal["loaded", "off", "blocked", "disabled", "quarantined"]
EVERY = "*"
# Values of VOC_PLUGINS.
WHICH = ("all", "bundled", "none")


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator chose for one plugin. `isolation` None leaves it to the settings and the plugin; `changed_at`
    makes a choice that was made again a new one: a plugin in quarantine is then tried again."""

    state: Literal["enabled", "disabled", "quarantined"] = "enabled"
    isolation: Isolation | None = None
    reason: str = ""
    changed_at: datetime | None = None


class _Settings(Protocol):
    @property
    def plugins(self) -> str: ...
    @property
    def plugins_blocked(self) -> tuple[str, ...]: ...
    @property
    def plugins_isolated(self) -> tuple[str, ...]: ...
    @property
    def plugins_in_worker(self) -> tuple[str, ...]: ...
    @property
    def analyzers(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a plugin, before anybody has looked at its code."""

    wanted: Wanted
    reason: str
    choice: Choice


@dataclass(frozen=True, slots=True)
class Policy:
    """The rule. `which` is all, bundled (only what came with voc) or none; the sets are names, `*` is every one.

    `analyzers` names the analyzer that somebody chose for a language.
    """

    which: str = "all"
    blocked: frozenset[str] = frozenset()
    isolated: frozenset[str] = frozenset()
    in_worker: frozenset[str] = frozenset()
    choices: Mapping[str, Choice] = field(default_factory=dict)
    analyzers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: _Settings, choices: Mapping[str, Choice] | None = None) -> Policy:
        """From the settings `VOC_PLUGINS…` and what was chosen."""
        return cls(
            settings.plugins,
            frozenset(settings.plugins_blocked),
            frozenset(settings.plugins_isolated),
            frozenset(settings.plugins_in_worker),
            dict(choices or {}),
            dict(pair.split("=", 1) for pair in settings.analyzers),
        )

    def verdict(self, name: str, source: str) -> Verdict:
        """Whether the plugin `name` is to be loaded."""
        choice = self.choices.get(name, Choice())
        if self.which == "none" or (self.which == "bundled" and source != "bundled"):
            return Verdict("off", f"VOC_PLUGINS is {self.which}", choice)
        if name in self.blocked:
            return Verdict("blocked", "", choice)
        if choice.state == "enabled":
            return Verdict("loaded", "", choice)
        return Verdict(choice.state, choice.reason, choice)

    def isolation(self, name: str, source: str, asked: str) -> Isolation:
        """Where it runs: as chosen, else as the settings say, else in a process of its own when it is a dropped-in
        folder or asks for that."""
        chosen = self.choices.get(name, Choice()).isolation
        if chosen is not None:
            return chosen
        for names, where in ((self.isolated, "process"), (self.in_worker, "worker")):
            if name in names:
                return where  # type: ignore[return-value]
        for names, where in ((self.isolated, "process"), (self.in_worker, "worker")):
            if EVERY in names:
                return where  # type: ignore[return-value]
        return "process" if source == "dropped" or asked == "process" else "worker"
