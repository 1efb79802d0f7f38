"""What stands around the code of a new plugin that is no channel: plugin.toml with its texts, and the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voc.testkit.scaffolding.offers import PARTS
from voc.testkit.scaffolding.papers import OPTIONS, filled


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one kind of offer: what it is and where people meet it, and its label in es and pt."""

    what: str
    where: str
    labels: tuple[str, str]


def manifest(words: Mapping[str, str], offers: Sequence[str]) -> str:
    """plugin.toml; `offers` are keys of PARTS."""
    listed = "\n".join(f'{PARTS[offer].key} = ["@kind@"]' for offer in offers)
    text = _MANIFEST.replace("@listed@", listed).replace("@what@", _and([WORDS[offer].what for offer in offers]))
    asks = any(PARTS[offer].asks for offer in offers)
    others = [offer for offer in offers if offer != "analyzer"]
    for number, language in enumerate(("es", "pt")):
        text += _TEXTS[language]
        if asks:
            lines = [
                f'{name} = {{label = "{said[2 * number]}", help = "{said[2 * number + 1]}"}}\n'
                for name, needed, *said in OPTIONS
                if "SEND" in needed
            ]
            text += f"\n[texts.{language}.options]\n" + "".join(lines)
        if others:
            text += f"\n[texts.{language}.offers]\n"
            text += "".join(_offered(offer, number, alone=len(others) == 1) for offer in others)
    return filled(text, words)


def _offered(offer: str, number: int, *, alone: bool) -> str:
    """A line of texts; where several have one name, the kind stands before it."""
    note = _NOTE[number] if offer == "action" else ""
    called = "@kind@" if alone else f'"{offer} @kind@"'
    return f'{called} = {{label = "{WORDS[offer].labels[number]}"{note}}}\n'


def readme(words: Mapping[str, str], offers: Sequence[str]) -> str:
    """README.md."""
    uses = [f"- {WORDS[offer].what}: {WORDS[offer].where}" for offer in offers]
    asks = any(PARTS[offer].asks for offer in offers)
    text = _README.replace("@what@", _and([WORDS[offer].what for offer in offers]))
    text = text.replace("@uses@", "\n".join(uses)).replace("@settings@", _SETTINGS if asks else "")
    return filled(text, words)


def _and(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


WORDS: Mapping[str, Words] = {
    "analyzer": Words(
        "an analyzer",
        "it judges text in the languages that it declares, from then on; `voc analyze --instance` tries it.",
        ("", ""),
    ),
    "action": Words(
        "a rule's action", "on the page *Rules* it is one of the things to do.", ("Avisar a @title@", "Avisar @title@")
    ),
    "notifier": Words(
        "a notifier",
        "rules tell colleagues by it, and `VOC_NOTIFIERS=@kind@` tells missed deadlines by it.",
        ("@title@", "@title@"),
    ),
    "slot": Words("a panel", "it stands beside every case of a verified customer.", ("@title@", "@title@")),
    "exporter": Words(
        "a format for exports", "`voc export feedback --format @kind@ > feedback.txt`.", ("@title@", "@title@")
    ),
    "command": Words("a command", "`voc run @kind@`.", ("@title@", "@title@")),
    "schedule": Words(
        "work that comes round", "how it went stands on the page *Plugins* and in `voc plugin list -v`.",
        ("@title@", "@title@"),
    ),
}  # fmt: skip

_NOTE = (
    ', options = {note = {label = "Nota", help = "Lo que va con ello, en palabras del equipo."}}',
    ', options = {note = {label = "Nota", help = "O que vai junto, nas palavras da equipe."}}',
)

_MANIFEST = """\
# What voc must know about the plugin without running it.
name = "@name@"
title = "@title@"
# FILL IN: what it does, in one sentence.
description = "@title@ as @what@ of voc."
version = "0.1.0"
contract = @contract@
@listed@
# The level of `voc plugin check` that it reaches: raise it as you go on.
level = "bronze"
"""

_TEXTS = {
    "es": """
# FILL IN: the same for people who read Spanish, and below for Portuguese.
[texts.es]
title = "@title@"
description = "@title@ en voc."
""",
    "pt": """
[texts.pt]
title = "@title@"
description = "@title@ no voc."
""",
}

_README = """\
# @title@ for voc

A plugin of voc. It offers @what@.

## Fill it in

1. `@name@/__init__.py` is the code. Whatever is marked `FILL IN` is a guess.
2. `@name@/fixtures.py` shows the conformance kit how it is tried.
3. `@name@/plugin.toml` says what voc must know, in English, Spanish and Portuguese.

## Check it

```
voc plugin check .
pytest
```

The first says level by level what is right and what is wrong; the second does the same as tests.

## Use it

Drop the folder `@name@` into `instance/plugins/`, or install this project where voc is installed (`pip install .`).
Then `voc plugin list` shows it.
@settings@
@uses@
"""

_SETTINGS = """
It needs to know whom to ask: `voc plugin set @name@ token=-` reads the token from standard input, and
`voc plugin set @name@ base_url=https://…` says where. The page *Plugins* takes both as well.
"""
