"""The first line of what arrived, with secrets and personal data masked.

Where it is data with names (JSON, a submitted form, the head of a mail) the names tell what a value is; in plain
text only what can be recognized is masked: addresses, phones, cards, numbers of documents and accounts. A name inside
a sentence cannot be recognized.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from voc.analysis.evaluation.writing import plain
from voc.analysis.personal import Kind, mask
from voc.analysis.personal.marks import mark_of
from voc.runtime.export.masking import kind_of

# Characters of the line that are shown.
WIDTH = 200
READER = "en"
MOST_FIELDS = 200
DEEPEST = 20
# A number of a person's own, seen in a field that does not say so: a phone is one, a score is none.
_LEAST_NUMBER = 10**6
# What a field that holds a person is called; whatever stands in it, or below it, is theirs.
_PEOPLE = (
    "author sender recipient user usuario customer cliente contact contacto contato profile person reporter username "
    "handle nick screen autor remitente remetente waid"
)
_PERSON = frozenset(_PEOPLE.split())
# The same, when nothing else is in the name.
_ALONE = frozenset({"from", "to", "cc", "bcc"})
# What says nothing about who it is, also where a person is described.
_NOBODYS = frozenset({"language", "languages", "lang", "locale", "timezone"})
_PEOPLE_OF_A_MAIL = re.compile(
    r"(?im)^((?:resent-)?(?:from|to|cc|bcc|sender|reply-to|return-path|delivered-to|x-original-to|envelope-to))[ \t]*:"
    r"[^\n]*"
)
_PAIR = re.compile(r'"([^"\\]{1,80})"(\s{0,4}:\s{0,4})("(?:[^"\\]|\\.)*(?:"|\Z)|-?\d[\d.]*)')
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class Discreet:
    """`secrets` masks the channel's; `countries` (ISO codes of the house) tell how phones are written."""

    def __init__(self, secrets: Callable[[str], str], countries: Sequence[str]) -> None:
        self._secrets = secrets
        self._countries = tuple(countries)

    def text(self, text: str | None) -> str:
        """Somebody's words on one line, masked."""
        found = mask(self._secrets(text or ""), reader=READER, countries=self._countries).text
        return plain(found)

    def first_line(self, begin: bytes, content_type: str, *, whole: bool) -> str:
        """The first line of a body that begins like this; `whole`: this is all of it."""
        text = begin.decode("utf-8", "replace")
        if not text.strip():
            return ""
        if sum(not (char.isprintable() or char.isspace()) or char == "\ufffd" for char in text[:400]) > 40:
            return "(not text)"
        kind = content_type.lower()
        if "json" in kind or text.lstrip()[:1] in ("{", "["):
            line = self._json(text, whole=whole)
        elif "x-www-form-urlencoded" in kind:
            line = self._form(text)
        else:
            first = _PEOPLE_OF_A_MAIL.sub(rf"\1: {self._mark(Kind.OTHER)}", text).strip().split("\n", 1)[0]
            line = self.text(first)
        line = self._secrets(line)
        return line if len(line) <= WIDTH else f"{line[:WIDTH]}…"

    def _json(self, text: str, *, whole: bool) -> str:
        try:
            if not whole:
                raise ValueError
            found = json.loads(text)
        except (ValueError, RecursionError):
            # Cut off, or no JSON after all: what looks like a field is taken for one.
            return self.text(_PAIR.sub(self._field, self._secrets(text[: 20 * WIDTH])))
        return plain(json.dumps(self._value(found, "", 0, theirs=False), ensure_ascii=False))

    def _field(self, match: re.Match[str]) -> str:
        name, between, value = match.groups()
        kind = self._kind(name)
        shown = json.dumps(self._mark(kind)) if kind else value
        return f'"{name}"{between}{shown}'

    def _form(self, text: str) -> str:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return "(too many fields)"
        return "&".join(f"{self.text(name)}={self._value(value, name, 0, theirs=False)}" for name, value in pairs)

    def _value(self, value: Any, name: str, depth: int, *, theirs: bool) -> Any:
        """A value without what is personal in it; `theirs`: it stands inside of what holds a person."""
        if depth > DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            inside = theirs or _of_a_person(name)
            return {
                self.text(str(key)): self._value(inner, str(key), depth + 1, theirs=inside)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._value(inner, name, depth + 1, theirs=theirs) for inner in value]
        if value is None or isinstance(value, (bool, float)):
            return value
        theirs = theirs and not _words(name) & _NOBODYS
        kind = self._kind(name) or (Kind.OTHER if theirs else None)
        if isinstance(value, int):
            own = theirs and "id" in _words(name)
            known = kind and (own or abs(value) >= _LEAST_NUMBER)
            return self._mark(kind or Kind.OTHER) if known else self._number(value)
        if kind and value:
            return self._mark(kind)
        return self.text(str(value))

    def _number(self, value: int) -> int | str:
        said = self.text(str(value))
        return value if said == str(value) else said

    def _kind(self, name: str) -> Kind | None:
        """What a field holds by its name, None when that is nobody's."""
        return kind_of(name) or (Kind.OTHER if _of_a_person(name) else None)

    def _mark(self, kind: Kind) -> str:
        return mark_of(kind, READER)


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _of_a_person(name: str) -> bool:
    words = _words(name)
    return bool(words & _PERSON) or (len(words) == 1 and words <= _ALONE)
