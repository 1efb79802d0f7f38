"""`voc analyze`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from voc.cli.understanding import INSTANCE, Understand, understanding
from voc.core.errors import Invalid, VocError
from voc.core.text import is_blank

if TYPE_CHECKING:
    from voc.analysis.result import Analysis, Feeling
    from voc.core.vocabulary import Stance

LARGEST = 1_000_000  # bytes of a text on standard input that are read; analysis looks at 20,000 characters


@click.command()
@click.argument("words", nargs=-1)
@click.option("--jsonl", is_flag=True, help='JSON lines in, {"text": …, "lang": …}, and one line out for each.')
@click.option("--language", metavar="LANGUAGE", help="The language it is probably in: decides where the text does not.")
@click.option("--instance", "with_instance", is_flag=True, help=INSTANCE)
def analyze(words: tuple[str, ...], jsonl: bool, language: str | None, with_instance: bool) -> None:
    """Say what a text says: language, sentiment, stance, topics, urgency, risks. Needs no instance.

    The text is what follows, or standard input. With --jsonl every line of standard input is answered in its place, as
    soon as it is read; a line that cannot be read is answered by {"error": …}, and the exit status is then 1.
    """
    from voc.analysis.evaluation.reading import language_of

    try:
        hint = language_of(language) if language is not None else None
    except Invalid as error:
        raise click.BadParameter(str(error).replace('"lang"', "it"), param_hint="--language") from None
    if jsonl and words:
        raise click.UsageError("with --jsonl the text is read from standard input")
    if jsonl:
        with understanding(with_instance=with_instance) as understand:
            whole = _answer_lines(understand, hint)
        raise SystemExit(0 if whole else 1)
    text = " ".join(words) if words else _typed()
    if is_blank(text):
        raise click.UsageError("there is no text")
    with understanding(with_instance=with_instance) as understand:
        click.echo("\n".join(_told(text, understand(text, hint))))


def _typed() -> str:
    """The text on standard input."""
    if sys.stdin.isatty():
        click.echo("the text, then Ctrl-D:", err=True)
    return sys.stdin.buffer.read(LARGEST).decode("utf-8", "replace")


def _answer_lines(understand: Understand, hint: str | None) -> bool:
    """Answer standard input line by line; whether every line could be answered. Whoever waits for a line has it."""
    from voc.analysis.evaluation.reading import lines

    whole, out = True, sys.stdout.buffer
    for number, line in enumerate(lines(sys.stdin.buffer)):
        try:
            answer = _answer(line if number else line.removeprefix(b"\xef\xbb\xbf"), understand, hint)
        except VocError as error:
            whole, answer = False, {"error": str(error)}
        out.write(json.dumps(answer, separators=(",", ":")).encode("ascii") + b"\n")
        out.flush()
    return whole


def _answer(line: bytes, understand: Understand, hint: str | None) -> dict[str, Any]:
    """What is said of one line; raises Invalid when it is none of ours, PluginFailed when analysis itself failed."""
    from voc.analysis.evaluation.reading import json_object, language_of, text_of

    data = json_object(line)
    given = data.get("lang")
    return record(understand(text_of(data), hint if given is None else language_of(given)))


def record(said: Analysis) -> dict[str, Any]:
    """An analysis as programs read it. Offsets are code points of the text, the end excluded."""
    feeling = said.sentiment
    return {
        "language": said.language,
        "label": feeling.label,
        "score": round(feeling.polarity, 4),
        "probability": None if feeling.probability is None else round(feeling.probability, 4),
        "stance": _stance(said).value,
        "topics": list(said.topics),
        "opinions": [{"topic": o.topic, "label": o.label, "span": [o.start, o.end]} for o in said.opinions],
        "urgency": said.urgency,
        "flags": _flags(said),
        "evidence": [[mark.start, mark.end] for mark in said.evidence if mark.kind == "sentiment"],
        "analyzer": said.analyzer,
    }


def _flags(said: Analysis) -> list[str]:
    """Kinds of risk in the order of the text, each once."""
    return list(dict.fromkeys(risk.kind for risk in said.risks))


def _stance(said: Analysis) -> Stance:
    """The stance by the default policy, from the text alone."""
    from voc.routing.stance import Facts, RiskWord, decide

    risks = tuple(RiskWord(risk.kind, risk.start, risk.end) for risk in said.risks)
    feeling = said.sentiment
    facts = Facts(label=feeling.label, probability=feeling.probability, negative=feeling.negative, risks=risks)
    return decide(facts).stance


def _told(text: str, said: Analysis) -> list[str]:
    """An analysis as people read it."""
    rows = [
        ("language", f"{said.language} {said.language_probability:.2f}" if said.language else "unknown"),
        ("sentiment", _felt(said.sentiment)),
        ("stance", _stance(said).value),
        ("urgency", said.urgency),
        *(("risk", f"{risk.kind}: {_quoted(text, risk.start, risk.end)}") for risk in said.risks),
        *(("opinion", f"{o.topic} {o.label}: {_quoted(text, o.start, o.end)}") for o in said.opinions),
        *(("evidence", _quoted(text, e.start, e.end)) for e in said.evidence if e.kind == "sentiment"),
        ("analyzer", f"{said.analyzer} {said.version or ''}".rstrip() if said.analyzer else "none for this language"),
    ]
    if said.truncated:
        rows.append(("note", "the text is longer than what is analyzed"))
    return [f"{name:10} {value}" for name, value in rows]


def _felt(feeling: Feeling) -> str:
    if feeling.probability is None:
        return feeling.label
    return f"{feeling.label} {feeling.probability:.2f}, score {feeling.polarity:+.2f}"


def _quoted(text: str, start: int, end: int) -> str:
    """A piece of the text on one line of the screen."""
    from voc.analysis.evaluation.writing import plain
    from voc.core.text import shorten

    return f"“{plain(shorten(text[start:end], 80))}”"
