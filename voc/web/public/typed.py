"""What a browser sent with a form, as clean text by field name, whatever bytes it was made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import MultiPartParser

from voc.core.text import is_storable, storable, without_unstorable

# Our largest form has about ten fields.
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """The first value of each field, which can be stored; `spoiled` are the fields that something was taken out of."""

    values: dict[str, str]
    spoiled: frozenset[str]


def typed(request: Request) -> Typed:
    """What was sent. NUL and lone surrogates are taken out, and it is told of which fields: nobody typed them, so
    somebody ought to look at what is left before it counts as said.

    Fields are counted before they are taken apart. Raises RequestEntityTooLarge (413) for too many of them and
    UnsupportedMediaType (415) for a body that is no form.
    """
    if request.mimetype == "multipart/form-data":
        return _checked(parts(request))
    if request.mimetype == "application/x-www-form-urlencoded":
        return _checked(fields(request.get_data(cache=False)))
    raise UnsupportedMediaType


def _checked(pairs: Iterable[tuple[str, str]]) -> Typed:
    values: dict[str, str] = {}
    spoiled = set()
    for name, value in pairs:
        if name not in values:
            values[name] = storable(without_unstorable(value))
            if not is_storable(value):
                spoiled.add(name)
    return Typed(values, frozenset(spoiled))


def fields(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a urlencoded body, decoded; raises RequestEntityTooLarge for more than `MOST_FIELDS`."""
    if body.count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
    text = body.decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, encoding="latin-1")
    return [(decode(name), decode(value)) for name, value in pairs]


class _Parts(MultiPartParser):
    """Takes the bytes of a part as they are, whatever encoding it claims: `decode` finds out."""

    def get_part_charset(self, headers: Any) -> str:
        return "latin-1"


def parts(request: Request) -> list[tuple[str, str]]:
    """The fields of a multipart body, decoded; raises RequestEntityTooLarge for more than `MOST_FIELDS`."""
    parser = _Parts(max_form_memory_size=request.max_form_memory_size, max_form_parts=MOST_FIELDS)
    boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
    try:
        found, _files = parser.parse(request.stream, boundary, request.content_length)
    except ValueError:
        return []  # as good as nothing: no boundary, or not divided by it
    return [(name, decode(value)) for name, value in found.items(multi=True)]


def decode(value: str) -> str:
    """Text whose bytes were read as Latin-1: UTF-8 as it should be, else what an old browser must have meant.

    Bytes that are UTF-8 but for surrogates keep everything else: two that belong together are the character they
    stand for, a lone one stays what it is. Other bytes are read as Windows-1252.
    """
    raw = value.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        halves = raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
