"""What a browser sent with a form, as clean text by field name, whatever bytes it was made of."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from voc.core.text import storable

# Our largest form has about ten fields.
MOST_FIELDS = 200


def typed(request: Request) -> dict[str, str]:
    """The first value of each field, without NUL and lone surrogates.

    Fields are counted before they are taken apart. Raises RequestEntityTooLarge (413) for too many of them and
    UnsupportedMediaType (415) for a body that is no form.
    """
    if request.mimetype == "multipart/form-data":
        request.max_form_parts = MOST_FIELDS
        pairs = [(name, request.form.get(name, "")) for name in request.form]
    elif request.mimetype == "application/x-www-form-urlencoded":
        pairs = fields(request.get_data(cache=False))
    else:
        raise UnsupportedMediaType
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, storable(value))
    return values


def fields(body: bytes) -> list[tuple[str, str]]:
    """The pairs of a urlencoded body, decoded; raises RequestEntityTooLarge for more than `MOST_FIELDS`."""
    if body.count(b"&") >= MOST_FIELDS:
        raise RequestEntityTooLarge
    text = body.decode("latin-1")
    pairs = parse_qsl(text, keep_blank_values=True, encoding="latin-1")
    return [(decode(name), decode(value)) for name, value in pairs]


def decode(value: str) -> str:
    """Text whose bytes were read as Latin-1: UTF-8 as it should be, else what an old browser must have meant.

    Bytes that are UTF-8 but for lone surrogates keep everything else; other bytes are read as Windows-1252.
    """
    raw = value.encode("latin-1")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
