"""What plugins there are where nothing was started yet: told by their plugin.toml, and none of their code is run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from voc.core.errors import Invalid
from voc.core.importing import no_code
from voc.plugin_host.host import PluginState, by_name, described
from voc.plugin_host.manifest import read_manifest
from voc.plugin_host.policy import Policy
from voc.plugin_host.sources import Candidate, candidates


def found(instance: Path | None, policy: Policy) -> list[PluginState]:
    """Every plugin that a first start would find; what the settings keep out is said as it is afterwards."""
    first, second = by_name(candidates(instance))
    return [*(_looked_at(candidate, policy) for candidate in first.values()), *second]


def _looked_at(candidate: Candidate, policy: Policy) -> PluginState:
    state = PluginState(candidate.name, candidate.name, candidate.source, "found", version=candidate.version)
    verdict = policy.verdict(candidate.name, candidate.source)
    if verdict.wanted != "loaded":
        return replace(state, state=verdict.wanted, reason=verdict.reason)
    try:
        manifest = read_manifest(candidate.manifest)
    except Invalid as error:
        return replace(state, reason=str(error))
    if not candidate.package and (why := no_code(candidate.manifest.parent)):
        state = replace(state, reason=why)
    isolation = policy.isolation(candidate.name, candidate.source, manifest.isolation)
    return described(replace(state, isolation=isolation), manifest)
