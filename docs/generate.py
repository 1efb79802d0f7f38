"""Writes the generated parts of the reference pages: settings from `voc.core.settings`, commands from `voc.cli`, what a
rule can ask and do from `voc.routing`, the contract and the bundled plugins by `docs/contract.py`, how well texts are
understood from the card that `docs/measure.py` wrote.

    python docs/generate.py            writes them
    python docs/generate.py --check    exits 1 when a page is not what the code says

A generated part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; the rest is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from voc.analysis.card import Card, Score, shipped
from voc.analysis.embedding import second
from voc.analysis.evaluation.writing import figure, markdown
from voc.cli import COMMANDS, LazyGroup, cli
from voc.core.settings import declared, variable, written
from voc.routing.actions import ACTIONS
from voc.routing.fields import FIELDS, OPERATORS
from voc.testkit.rule import LEVELS, Rule
from voc.testkit.rule import RULES as CONFORMANCE

DOCS = Path(__file__).resolve().parent
CONTRACT: dict[str, Any] = runpy.run_path(str(DOCS / "contract.py"))


def settings() -> str:
    """The table of settings, in the order they are declared."""
    lines = ["| setting | default | what it is |", "|---|---|---|"]
    for item in declared():
        text = item.metadata["help"]
        if item.metadata["secret"]:
            text += f" Secret; `{variable(item)}_FILE` names a file that holds it."
        lines.append(f"| `{variable(item)}` | {_default(item.default)} | {_cell(text)} |")
    return "\n".join(lines)


def _default(value: Any) -> str:
    if value in ("", ()):
        return "(empty)"
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    return f"`{written(value)}`" if isinstance(value, (int, float)) else f"`{value}`"


def commands() -> str:
    """Every command with its arguments and options, in the order `voc --help` lists them."""
    parts = []
    for name, command in _every(cli, ["voc"]):
        if isinstance(command, click.Group):
            parts.append(f"## {name}\n\n{_paragraphs(command.help)}")
        else:
            parts.append(_command(name, command))
    return "\n\n".join(parts)


def _every(group: click.Group, path: list[str]) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path[-1])
    names = list(COMMANDS) if isinstance(group, LazyGroup) else group.list_commands(context)
    for name in names:
        command = group.get_command(context, name)
        if command is None:
            raise LookupError(f"there is no command {name}")
        yield " ".join([*path, name]), command
        if isinstance(command, click.Group):
            yield from _every(command, [*path, name])


def _command(name: str, command: click.Command) -> str:
    arguments = [item for item in command.params if isinstance(item, click.Argument)]
    options = [item for item in command.params if isinstance(item, click.Option)]
    context = click.Context(command, info_name=name)
    words = [name, *(item.make_metavar(context) for item in arguments), *(["[OPTIONS]"] if options else [])]
    level = "##" if name.count(" ") == 1 else "###"
    parts = [f"{level} {name}", f"```\n{' '.join(words)}\n```", _paragraphs(command.help)]
    if options:
        rows = [f"| `{_option(item, context)}` | {_cell(_help(item))} |" for item in options]
        parts.append("\n".join(["| option | what it does |", "|---|---|", *rows]))
    return "\n\n".join(part for part in parts if part)


def _option(item: click.Option, context: click.Context) -> str:
    names = ", ".join([*item.opts, *item.secondary_opts])
    return names if item.is_flag else f"{names} {item.make_metavar(context)}".replace("|", ", ")


def _help(item: click.Option) -> str:
    return f"{item.help or ''}{' Required.' if item.required else ''}".strip()


def _paragraphs(text: str | None) -> str:
    """Help text as click shows it: lines joined, paragraphs kept."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", (text or "").replace("\b", "")))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def rules() -> str:
    """What a condition can ask, how, and what a rule can do."""
    kinds = {"text": "text", "number": "number", "yes_no": "yes or no", "list": "list of texts", "any": "anything"}
    parts = ["### What can be asked", "| field | is | what it is | for example |\n|---|---|---|---|"]
    for field in FIELDS:
        kind = kinds[field.kind] + (", or null" if field.may_be_null else "")
        text = field.text + (f" One of {', '.join(f'`{word}`' for word in field.choices)}." if field.choices else "")
        parts[-1] += f"\n| `{field.name}` | {kind} | {_cell(text)} | `{_cell(field.example)}` |"
    parts += ["### How it is compared", "| written | means |\n|---|---|"]
    parts[-1] += "".join(f"\n| `{_cell(sign)}` | {_cell(text)} |" for sign, text in OPERATORS)
    parts += ["### Actions", "| action | holds | what it does |\n|---|---|---|"]
    parts[-1] += "".join(f"\n| `{name}` | {holds} | {_cell(text)} |" for name, holds, text in ACTIONS)
    return "\n\n".join(parts)


KINDS = {
    "test": "test part of our own corpus",
    "loso": "source left out of training",
    "report": "source never trained on",
}
HEAD = (
    "language", "measured on", "n", "accuracy", "macro-F1", "negative recall", "negative precision",
    "calibration error", "unknown", "language right",
)  # fmt: skip


def accuracy() -> str:
    """The card of the model that ships: first the mean of each kind of set, then every set."""
    card = shipped()
    return "It has not been measured yet." if card is None else f"{carded(card)}\n\n{with_embeddings(card)}"


def with_embeddings(card: Card) -> str:
    """What the second opinion reaches, as its trainer measured it."""
    made = json.loads((files("voc.analysis.embedding") / second.FILE).read_text(encoding="utf-8"))
    told = replace(card, scores=tuple(Score.from_dict(row) for row in made["scores"]))
    means = [(f"{KINDS[s.kind]}{f', mean of {count}' if count > 1 else ''}", s) for s, count in told.summaries()]
    first = f"### With a second opinion\n\nThe same and {made['made_for']}: the analyzer `{second.NAME}`, "
    first += "with the extra `embeddings`."
    return "\n\n".join([first, markdown([HEAD, *(_score(name, score) for name, score in means)])])


def carded(card: Card) -> str:
    """A card as a part of a page."""
    parts = [f"The model is `{card.name}`, version {card.version} (weights SHA-256 `{card.weights[:16]}…`)."]
    means = [(f"{KINDS[s.kind]}{f', mean of {count}' if count > 1 else ''}", s) for s, count in card.summaries()]
    parts += ["### By language", markdown([HEAD, *(_score(name, score) for name, score in means)])]
    sets = [(f"{score.set}: {KINDS[score.kind]}", score) for score in card.scores]
    parts += ["### By source", markdown([HEAD, *(_score(name, score) for name, score in sets)])]
    trained = [(row.name, f"{row.rows:,}", row.license) for row in card.trained_on]
    parts += ["### Trained on", markdown([("what", "texts", "license"), *trained])]
    return "\n\n".join(parts)


def _score(name: str, score: Score) -> tuple[str, ...]:
    around = (score.macro_f1_low, score.macro_f1_high)
    figures = (score.negative_recall, score.negative_precision, score.ece, score.unknown, score.language_accuracy)
    shown = [figure(score.accuracy, None), figure(score.macro_f1, around), *(figure(value, None) for value in figures)]
    return (score.language, name, f"{score.n:,}", *shown)


def conformance() -> str:
    """The rules of the conformance kit, level by level."""
    every = [rule for level in LEVELS for rule in CONFORMANCE.values() if rule.level == level]
    parts = []
    for level in LEVELS:
        rows = ["| rule | what is demanded | applies to | how to mend it |", "|---|---|---|---|"]
        for rule in every:
            if rule.level == level:
                rows.append(f"| `{rule.id}` | {_cell(rule.title)} | {_applies(rule)} | {_cell(rule.mend)} |")
        parts += [f"## {level.capitalize()}", "\n".join(rows)]
    return "\n\n".join(parts)


def _applies(rule: Rule) -> str:
    if rule.of == "offer":
        return ", ".join(f"`{key}`" for key in sorted(rule.needs)) or "every other offer"
    if rule.of == "analyzer":
        return "analyzers"
    needs = " ".join(f"`{name}`" for name in sorted(rule.needs)) or "every channel"
    return (
        f"{needs}, unless the vendor has no {', '.join(f'`{name}`' for name in rule.features)}"
        if rule.features
        else needs
    )


PAGES: dict[str, tuple[str, Callable[[], str]]] = {
    "settings.md": ("settings", settings),
    "cli.md": ("commands", commands),
    "rules.md": ("rules", rules),
    "accuracy.md": ("accuracy", accuracy),
    "plugins/rules.md": ("conformance", conformance),
    "plugins/reference.md": ("reference", CONTRACT["reference"]),
    "plugins/testkit.md": ("testkit", CONTRACT["kit"]),
    "plugins/examples.md": ("examples", CONTRACT["examples"]),
}


def page(name: str) -> tuple[str, str]:
    """(the page as it is, the page as it should be); raises LookupError when its markers are missing."""
    part, make = PAGES[name]
    text = (DOCS / name).read_text(encoding="utf-8")
    begin, end = f"<!-- generated: {part} -->", f"<!-- end of {part} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise LookupError(f"{name} has no place for {part}")
    before, after = text.split(begin)[0], text.split(end)[1]
    return text, f"{before}{begin}\n\n{make()}\n\n{end}{after}"


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which ones are stale; returns the exit status."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the reference pages.")
    parser.add_argument("--check", action="store_true", help="only say what is stale; exit 1 when something is")
    check = parser.parse_args(arguments).check
    stale = []
    for name in PAGES:
        present, wanted = page(name)
        if present != wanted:
            stale.append(name)
            if not check:
                (DOCS / name).write_text(wanted, encoding="utf-8")
    for name in stale:
        sys.stdout.write(f"docs/{name} {'is stale: run python docs/generate.py' if check else 'was written'}\n")
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
