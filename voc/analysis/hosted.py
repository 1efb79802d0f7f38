"""Analysis with the analyzers that plugins brought: who judges which language, and what follows when one fails."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from voc.analysis.host import judge
from voc.analysis.result import Analysis
from voc.analysis.risks import RiskLexicon
from voc.analysis.run import Call, Spans, analyze
from voc.analysis.taxonomy import Taxonomy
from voc.core.vocabulary import LANGUAGES
from voc.plugin import Analyzer, Sentiment
from voc.plugin_host import PluginFailed, PluginHost

log = logging.getLogger(__name__)

_SECONDS = 10.0
OURS = "analysis"  # whose call it is when the model that ships judges


def shipped_host() -> PluginHost:
    """A host without plugins: no instance, no settings, no channel; the model that ships judges every language."""
    return PluginHost(limit=_SECONDS)


def analyzers_of(host: PluginHost) -> dict[str, Analyzer]:
    """The analyzer of each language: a plugin's where one was added or chosen, else the model that ships, with a second
    opinion where that was chosen and its package is there."""
    from voc.analysis.embedding import second
    from voc.analysis.linear.analyzer import shipped_analyzer  # the model, when the first text comes

    found: dict[str, Analyzer] = {language: shipped_analyzer() for language in LANGUAGES}
    for language, wanted in host.chosen_analyzers.items():
        if wanted == second.NAME and language in found:
            found[language] = second.second_opinion() or found[language]
    return found | {language: analyzer for language, (_, analyzer) in host.analyzers().items()}


def seconds_for(host: PluginHost, texts: int) -> float:
    """Seconds that so many texts may take at once: as long as any call, but for the second opinion, which was chosen by
    somebody who has the time; a second for each text is more than it ever takes."""
    from voc.analysis.embedding import second

    slow = second.NAME in host.chosen_analyzers.values()
    return max(host.guard.limit, float(texts)) if slow else host.guard.limit


def guarded_calls(host: PluginHost) -> Call:
    """Calls of analyzers under the guard: one that fails leaves the text unjudged, it never stops a feedback."""
    owners = {analyzer.name: plugin for plugin, analyzer in host.analyzers().values()}

    def call(analyzer: Analyzer, text: str, language: str, spans: Spans) -> Sequence[Sentiment] | None:
        try:
            return host.guard.call(owners.get(analyzer.name, OURS), judge, analyzer, text, language, spans)
        except PluginFailed as error:
            log.warning("analyzer failed", extra={"analyzer": analyzer.name, "reason": error.reason})
            return None

    return call


def analyze_hosted(
    host: PluginHost,
    text: str,
    *,
    hint: str | None = None,
    taxonomy: Taxonomy | None = None,
    risks: RiskLexicon | None = None,
) -> Analysis:
    """One text under one guard, then, if that failed, once more with a guard around each call of the analyzer.

    Raises PluginFailed when it is not the analyzer that fails.
    """
    analyzers = analyzers_of(host)
    try:
        return host.guard.call(
            "analysis", lambda: analyze(text, hint=hint, analyzers=analyzers, taxonomy=taxonomy, risks=risks)
        )
    except PluginFailed as error:
        log.warning("analysis of a text failed, once more now", extra={"reason": error.reason})
    careful = guarded_calls(host)
    return host.guard.call(
        "analysis, step by step",
        lambda: analyze(text, hint=hint, analyzers=analyzers, taxonomy=taxonomy, risks=risks, call=careful),
        limit=2 * host.guard.limit,
    )
