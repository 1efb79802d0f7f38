"""`voc evaluate`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import click

from voc.cli.understanding import INSTANCE, understanding
from voc.core.errors import Invalid

if TYPE_CHECKING:
    from voc.analysis.evaluation.reading import Example

SHOWN_EVERY = 500  # texts, and never without that many
SHOWN_MISTAKES = 20  # lines that cannot be read


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
@click.option(
    "--worst", type=click.IntRange(0, 10_000), metavar="N", default=10, help="Show the N worst mistakes (10)."
)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="A table to look at.")
@click.option("--told", is_flag=True, help="Tell the analyzer the language of the line, as a channel's would be.")
@click.option("--instance", "with_instance", is_flag=True, help=INSTANCE)
def evaluate(files: tuple[str, ...], as_json: bool, worst: int, form: str, told: bool, with_instance: bool) -> None:
    """How well labelled texts are understood, by language and source. Needs no instance.

    FILES hold JSON lines: "text", "lang", and what is known of it: "label" (negative, neutral, positive), "topics",
    "source" (otherwise the file's name); - is standard input. The accuracy page of the documentation says what the
    figures mean. With a line that cannot be read nothing is counted, and the exit status is 2.
    """
    from voc.analysis.evaluation.report import report
    from voc.analysis.evaluation.tally import Evaluation
    from voc.analysis.evaluation.writing import written

    evaluation = Evaluation(worst=worst)
    with ExitStack() as stack:
        streams = _opened(stack, files)
        total = _checked(streams)
        understand = stack.enter_context(understanding(with_instance=with_instance))
        for count, found in enumerate(_examples(streams), 1):
            if isinstance(found, Invalid):  # the file was changed between two looks
                _refuse([str(found)])
            else:
                evaluation.add(found, understand(found.text, found.language if told else None))
            _progress(count, total)
    if as_json:
        click.echo(json.dumps(report(evaluation).to_dict(), indent=2))
    else:
        click.echo(written(report(evaluation), "markdown" if form == "markdown" else "text"), nl=False)


def _opened(stack: ExitStack, files: tuple[str, ...]) -> list[tuple[str, IO[bytes]]]:
    """Every file with its name, to be read twice; what can be read only once is copied first."""
    if len({Path(name).resolve() for name in files}) < len(files):
        _refuse(["a file is named twice: its texts would count twice"])
    streams = []
    for name in files:
        stream: IO[bytes] = sys.stdin.buffer
        if name != "-":
            stream = stack.enter_context(open(name, "rb"))  # noqa: SIM115  (the stack closes it)
        if name == "-" or not stream.seekable():
            copy = stack.enter_context(TemporaryFile())  # noqa: SIM115
            shutil.copyfileobj(stream, copy)
            stream = copy
        streams.append(("standard input" if name == "-" else name, stream))
    return streams


def _examples(streams: list[tuple[str, IO[bytes]]]) -> Iterator[Example | Invalid]:
    """Every line of every file from its beginning."""
    from voc.analysis.evaluation.reading import lines, read

    for name, stream in streams:
        stream.seek(0)
        yield from read(lines(stream), name, Path(name).stem[:100] or "file")


def _checked(streams: list[tuple[str, IO[bytes]]]) -> int:
    """How many texts there are; ends with status 2 and a sentence for each line that cannot be read."""
    count, wrong = 0, 0
    first: list[str] = []
    for found in _examples(streams):
        count += 1
        if isinstance(found, Invalid):
            wrong += 1
            if len(first) < SHOWN_MISTAKES:
                first.append(str(found))
    if wrong > len(first):
        first.append(f"and {wrong - len(first):,} more lines")
    if wrong:
        _refuse(first)
    if not count:
        _refuse(["there is not one text in there"])
    return count


def _refuse(sentences: list[str]) -> None:
    """Say what is wrong and end with status 2."""
    for sentence in sentences:
        click.echo(f"voc: {sentence}", err=True)
    raise SystemExit(2)


def _progress(count: int, total: int) -> None:
    """How far it is, on standard error: in place on a screen, every tenth in a log; nothing for small files."""
    if total < SHOWN_EVERY:
        return
    screen = sys.stderr.isatty()
    step = SHOWN_EVERY if screen else max(total // 10, SHOWN_EVERY)
    if count == total or count % step == 0:
        end = "\n" if count == total or not screen else ""
        click.echo(f"{chr(13) if screen else ''}{count:,} of {total:,} texts{end}", err=True, nl=False)
