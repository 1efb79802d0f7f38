"""The option `poll_seconds`, which every channel that fetches has: its own, or the one that voc adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from voc.plugin import Channel, Option, Options
from voc.plugin_host.manifest import Manifest
from voc.plugin_host.texts import OptionTexts, Texts

NAME = "poll_seconds"
# The shortest pause that the added option takes; 0 is never.
LEAST = 5
OPTION = Option(NAME, "Pause between two looks for what is new; 0: never.", type="number", default=60)
WORDS: Mapping[str, OptionTexts] = {
    "en": OptionTexts("Seconds between two looks"),
    "es": OptionTexts("Segundos entre dos miradas", "Pausa entre dos búsquedas de novedades; 0: nunca."),
    "pt": OptionTexts("Segundos entre duas consultas", "Pausa entre duas buscas de novidades; 0: nunca."),
}


class Polled(Options):
    """The options of a channel with the one that voc adds."""

    def check(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """As every channel's, and the pause is none that would hammer the other side."""
        found, wrong = super().check(values)
        seconds = found.get(NAME)
        if NAME not in wrong and isinstance(seconds, int) and seconds < LEAST and seconds != 0:
            wrong[NAME] = [f"must be at least {LEAST}, or 0"]
        return found, wrong


def complete(channel: Channel, manifest: Manifest) -> None:
    """Give a channel that fetches the option, unless it declares one of that name itself."""
    options = channel.options
    if "FETCH" not in manifest.capabilities or not isinstance(options, Options):
        return
    # A process of its own has added it before it describes the channel.
    declared = [option for option in options if option != OPTION]
    if all(option.name != NAME for option in declared):
        channel.options = Polled(*declared, OPTION)


def worded(texts: Texts, channel: Channel, language: str) -> Texts:
    """`texts` with the words for the added option; plugin.toml may have better ones."""
    if not isinstance(channel.options, Polled):
        return texts
    ours = WORDS.get(language) or WORDS["en"]
    return replace(texts, options={NAME: ours, **texts.options})
