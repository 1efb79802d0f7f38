"""Labelled text as JSON lines: ``text``, ``lang``, and what is known of it: ``label``, ``topics``, ``source``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, NoReturn

from voc.analysis.evaluation.confusion import CLASSES
from voc.core.errors import Invalid

NO_LANGUAGE = "und"
LONGEST = 8_000_000  # bytes of one line
_LONGEST_WORD = 100  # characters of a language, topic or source


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. ``language`` is ISO 639-1 (639-2 ``und``: none); what is not labelled is None."""

    text: str
    language: str
    label: str | None
    topics: frozenset[str] | None
    source: str


def json_object(line: bytes) -> dict[str, Any]:
    """The JSON object of a line; raises Invalid with a sentence on whatever else it is, and nothing else."""
    if len(line) > LONGEST:
        raise Invalid(f"the line is longer than {LONGEST // 1_000_000} MB")
    try:
        written = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"the line is not UTF-8: byte {error.start + 1} cannot be read") from None
    if not written.strip():
        raise Invalid("the line is empty")
    try:
        data = json.loads(written, parse_constant=_refuse)
    except RecursionError:
        raise Invalid("the JSON is nested too deeply") from None
    except Invalid:
        raise
    except ValueError as error:
        raise Invalid(f"the line is no JSON: {str(error).split(': line')[0]}") from None
    if not isinstance(data, dict):
        raise Invalid(f"the line must be a JSON object, not {_kind(data)}")
    return data


def _refuse(constant: str) -> NoReturn:
    raise Invalid(f"the line is no JSON: {constant} is no number")


def _kind(value: object) -> str:
    names = {type(None): "null", bool: "true or false", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "a number")


def lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream, each as soon as it is there; of one that is too long only its beginning."""
    while line := stream.readline(LONGEST + 1):
        yield line
        while line and len(line) > LONGEST and not line.endswith(b"\n"):
            line = stream.readline(LONGEST + 1)


def text_of(data: Mapping[str, Any]) -> str:
    """The text; raises Invalid when there is none or it is something else."""
    if "text" not in data:
        raise Invalid('"text" is missing')
    text = data["text"]
    if not isinstance(text, str):
        raise Invalid(f'"text" must be a text, not {_kind(text)}')
    return text


def language_of(value: object) -> str:
    """The language without its country: ``pt`` for ``pt-BR``, ``und`` for null. Raises Invalid on anything else."""
    if value is None:
        return NO_LANGUAGE
    word = value.replace("_", "-").split("-")[0].lower() if isinstance(value, str) else ""
    if not (2 <= len(word) <= 3 and word.isascii() and word.isalpha()):
        raise Invalid(f'"lang" must be a language such as es, pt-BR or und, not {_shown(value)}')
    return word


def example_of(data: Mapping[str, Any], source: str) -> Example:
    """The labelled text of an object; ``source`` is its name where it brings none. Raises Invalid."""
    text = text_of(data)
    if "lang" not in data:
        raise Invalid('"lang" is missing; und is for text in no language')
    label = data.get("label")
    if label is not None and label not in CLASSES:
        raise Invalid(f'"label" must be negative, neutral or positive, not {_shown(label)}')
    named = data.get("source")
    if named is not None and not _is_word(named):
        raise Invalid(f'"source" must be a short text, not {_shown(named)}')
    return Example(text, language_of(data["lang"]), label, _topics(data.get("topics")), named or source)


def _topics(value: object) -> frozenset[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(_is_word(item) for item in value):
        raise Invalid(f'"topics" must be a list of keys, not {_shown(value)}')
    return frozenset(value)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_WORD and value.isprintable()


def _shown(value: object) -> str:
    if not isinstance(value, str):
        return _kind(value)
    return ascii(value[:30]) if not value.isprintable() else f'"{value[:30]}"'


def read(lines: Iterable[bytes], name: str, source: str) -> Iterator[Example | Invalid]:
    """Every line as an example, or as an Invalid that says ``name:number: sentence``; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        bare = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if bare.isspace() or not bare:
            continue
        try:
            found: Example | Invalid = example_of(json_object(bare), source)
        except Invalid as error:
            found = Invalid(f"{name}:{number}: {error}")
        yield found
