"""Analysis with what plugins bring: who judges, and what is left when an analyzer fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from voc.analysis.hosted import analyze_hosted, shipped_host
from voc.plugin_host import PluginFailed, PluginHost
from voc.plugin_host.policy import Policy

PLUGIN = """
from voc.plugin import Sentiment, hookimpl

class Judge:
    name, version, languages = "judge", "3", frozenset({"es"})

    def analyze(self, text, language):
        BODY

@hookimpl
def voc_analyzers():
    return [Judge()]
"""
TEXT = "El pedido llegó tarde, pero la atención fue amable."


def host(folder: Path, body: str) -> PluginHost:
    plugin = folder / "plugins" / "judging"
    plugin.mkdir(parents=True)
    (plugin / "__init__.py").write_text(PLUGIN.replace("BODY", body))
    (plugin / "plugin.toml").write_text('name = "judging"\ncontract = 1\nkinds = []\nanalyzers = ["judge"]\n')
    return PluginHost.load(folder, limit=5)


def test_what_ships_is_only_what_judges() -> None:
    found = shipped_host()
    assert found.kinds() == []
    assert found.states == []
    said = analyze_hosted(found, "Terrible service, I hate it")
    assert (said.analyzer, said.sentiment.label) == ("voc-linear", "negative")


def test_an_analyzer_that_came_along_judges_only_when_it_is_chosen() -> None:
    plain = PluginHost.load(None, limit=5)
    assert analyze_hosted(plain, "Terrible service, I hate it").analyzer == "voc-linear"
    chosen = PluginHost.load(None, limit=5, policy=Policy(analyzers={"en": "textblob-en"}))
    assert analyze_hosted(chosen, "Terrible service, I hate it").analyzer == "textblob-en"
    assert analyze_hosted(chosen, TEXT).analyzer == "voc-linear"


def test_a_plugin_judges_its_language(tmp_path: Path) -> None:
    said = analyze_hosted(host(tmp_path, "return Sentiment('negative', 0.9, -0.5)"), TEXT)
    assert (said.analyzer, said.version, said.sentiment.label) == ("judge", "3", "negative")


def test_an_analyzer_that_fails_leaves_the_rest(tmp_path: Path) -> None:
    said = analyze_hosted(host(tmp_path, "raise RuntimeError('no model')"), TEXT)
    assert (said.language, said.sentiment.label) == ("es", "unknown")
    assert said.topics, "topics need no analyzer"


def test_when_analysis_itself_fails_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(PluginFailed):
        analyze_hosted(shipped_host(), 7)  # type: ignore[arg-type]
