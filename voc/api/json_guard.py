"""JSON from strangers: read without running out of stack or time, and without values JSON does not know.

What is refused: other encodings than UTF-8, nesting deeper than `MAX_DEPTH`, more than `MAX_CONTAINERS` arrays and
objects, NaN and Infinity, numbers with thousands of digits, and of course what is no JSON. Lone surrogates and NUL
are legal JSON; the fields refuse them by name.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_CONTAINERS = 1000

# A string, or one that never ends: always matched to the end, so one pass over the body is linear.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_OPENING = b"[{"
_BOM = b"\xef\xbb\xbf"


class BadJson(ValueError):
    """The body is not JSON that we read; the text says why."""


def loads(data: bytes) -> Any:
    """The value in `data`; raises BadJson."""
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH:
        _check_nesting(data)
    try:
        return _DECODER.decode(data.removeprefix(_BOM).decode("utf-8"))
    except BadJson:
        raise
    except UnicodeDecodeError:
        raise BadJson("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise BadJson(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from None
    except ValueError:
        raise BadJson("A number in the body has too many digits.") from None


def _check_nesting(data: bytes) -> None:
    """Refuse what is nested too deep or has too many parts; brackets inside strings do not count."""
    bare = _STRING.sub(b"", data)
    count = bare.count(b"[") + bare.count(b"{")
    if count > MAX_CONTAINERS:
        raise BadJson(f"The body has more than {MAX_CONTAINERS} arrays and objects.")
    depth = 0
    for match in _BRACKET.finditer(bare):
        depth += 1 if match.group() in _OPENING else -1
        if depth > MAX_DEPTH:
            raise BadJson(f"The body is nested deeper than {MAX_DEPTH} levels.")
        if depth < 0:
            return  # no JSON; the decoder says where


def _no_constant(name: str) -> NoReturn:
    raise BadJson(f"The body is not JSON: {name} is no JSON value.")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
