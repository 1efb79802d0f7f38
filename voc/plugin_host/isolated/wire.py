"""The contract's values as JSON with bytes beside it, and back. Nothing is run by reading: no pickle. Pure.

JSON's own values stand for themselves, an array is a tuple. Everything else is an object with one key that says what
it is: `b` bytes (their length; they follow in order), `l` list, `d` dict, `p` dict as pairs, `s` set, `t` time,
`c` a class of the contract with its fields, `x` something that has no meaning here, by the name of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any

import voc.plugin
from voc.plugin import Misconfigured, NotHere, TryLater, Undeliverable, View
from voc.plugin_host.places import FRAMES, LONGEST_FRAME, frames_of

CLASSES: dict[str, type] = {
    name: found
    for name in voc.plugin.__all__
    if isinstance(found := getattr(voc.plugin, name), type) and is_dataclass(found) and not issubclass(found, View)
}
_FIELDS: dict[type, tuple[tuple[str, Any], ...]] = {
    found: tuple((field.name, field.default) for field in fields(found)) for found in CLASSES.values()
}
_NAMES = {found: name for name, found in CLASSES.items()}
_PLAIN = frozenset({str, int, bool, float, type(None)})
# What JSON gives that may stand for something else.
_NESTED = frozenset({list, dict})
WORDS: dict[str, type[Exception]] = {
    found.__name__: found for found in (TryLater, Undeliverable, Misconfigured, NotHere)
}


class Foreign:
    """Something that a plugin returned and that means nothing here; its class has the name of what it was."""


class ForeignError(Exception):
    """An exception of a plugin's process that is no word of the contract; its class has the name of what it was."""


def pack(value: Any, blobs: list[bytes]) -> Any:
    """`value` for a frame; bytes are added to `blobs`. Raises ValueError when it is nested too deeply."""
    try:
        return _packed(value, blobs)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _packed(value: Any, blobs: list[bytes]) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is bytes:
        blobs.append(value)
        return {"b": len(value)}
    if kind is tuple:
        return [item if type(item) in _PLAIN else _packed(item, blobs) for item in value]
    if kind in _NAMES:
        found = {
            name: held if type(held) in _PLAIN else _packed(held, blobs)
            for name, default in _FIELDS[kind]
            if (held := getattr(value, name)) is not default or default is MISSING
        }
        return {"c": _NAMES[kind], "f": found}
    if kind is list:
        return {"l": [item if type(item) in _PLAIN else _packed(item, blobs) for item in value]}
    if kind is dict or isinstance(value, Mapping):
        if all(type(name) is str for name in value):
            return {"d": {name: item if type(item) in _PLAIN else _packed(item, blobs) for name, item in value.items()}}
        return {"p": [[_packed(name, blobs), _packed(item, blobs)] for name, item in value.items()]}
    return _seldom(value, blobs)


def _seldom(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, (bytearray, memoryview)):
        return _packed(bytes(value), blobs)
    if isinstance(value, (set, frozenset)):
        return {"s": [_packed(item, blobs) for item in value]}
    for plain in (bool, int, str, float):
        if isinstance(value, plain):
            return plain(value)
    found = next((base for base in type(value).__mro__ if base in _NAMES), None)
    if found is not None:
        return {
            "c": _NAMES[found],
            "f": {name: _packed(getattr(value, name), blobs) for name, _ in _FIELDS[found]},
        }
    return {"x": type(value).__name__}


class Unpacked:
    """Reads one frame's values; `bytes_` are those that came with it. Raises ValueError for what cannot be."""

    def __init__(self, bytes_: memoryview) -> None:
        self._rest = bytes_

    def value(self, node: Any) -> Any:
        """What `node` stands for."""
        kind = type(node)
        if kind is list:
            return tuple([self.value(item) if type(item) in _NESTED else item for item in node])
        if kind is not dict:
            return node
        name = next(iter(node), "")
        if name == "c":
            return self._instance(node)
        reading = _READING.get(name)
        if reading is None:
            raise ValueError("an object that means nothing")
        return reading(self, node[name])

    def _instance(self, node: dict[str, Any]) -> Any:
        found, given = CLASSES.get(node["c"]), node.get("f")
        if found is None or not isinstance(given, dict):
            raise ValueError("a class that is not of the contract")
        try:
            return found(**{name: self.value(item) if type(item) in _NESTED else item for name, item in given.items()})
        except TypeError as error:
            raise ValueError(str(error)) from None

    def taken(self, length: Any) -> bytes:
        """The next `length` bytes."""
        if not isinstance(length, int) or not 0 <= length <= len(self._rest):
            raise ValueError("bytes that did not come")
        found, self._rest = bytes(self._rest[:length]), self._rest[length:]
        return found

    def many(self, node: Any) -> list[Any]:
        """The values of a list."""
        if not isinstance(node, list):
            raise ValueError("a list that is none")
        return [self.value(item) for item in node]

    def table(self, node: Any) -> dict[str, Any]:
        """The values of a dict with names."""
        if not isinstance(node, dict):
            raise ValueError("a table that is none")
        return {name: self.value(item) if type(item) in _NESTED else item for name, item in node.items()}

    def pairs(self, node: Any) -> dict[Any, Any]:
        """The same, whatever its keys are."""
        try:
            return dict(self.many(node))
        except TypeError:
            raise ValueError("a table that is none") from None


def _hashable(items: list[Any]) -> frozenset[Any]:
    try:
        return frozenset(items)
    except TypeError:
        raise ValueError("a set that is none") from None


def _time(node: Any) -> datetime:
    if not isinstance(node, str):
        raise ValueError("a time that is none")
    return datetime.fromisoformat(node)


def _foreign(name: Any) -> Any:
    return type(_identifier(name), (Foreign,), {})()


def _identifier(name: Any) -> str:
    return name[:80] if isinstance(name, str) and name.isidentifier() else "Unknown"


_READING: dict[str, Callable[[Unpacked, Any], Any]] = {
    "b": Unpacked.taken,
    "l": Unpacked.many,
    "d": Unpacked.table,
    "p": Unpacked.pairs,
    "s": lambda self, node: _hashable(self.many(node)),
    "t": lambda _self, node: _time(node),
    "x": lambda _self, node: _foreign(node),
}


def error_of(error: BaseException, *, frames: bool = False) -> dict[str, Any]:
    """What is said over the pipe about an exception; with `frames` also where in the code it came from."""
    after = getattr(error, "after", None)
    return {
        "name": type(error).__name__,
        "text": str(error)[:10_000],
        "word": next((base.__name__ for base in type(error).__mro__ if base.__name__ in WORDS), None),
        "value": isinstance(error, ValueError),
        "after": float(after) if isinstance(error, TryLater) and isinstance(after, (int, float)) else None,
        "frames": frames_of(error) if frames else [],
    }


def raised(said: Any) -> Exception:
    """The exception again: a word of the contract as itself, a ValueError as one, all else by name only."""
    said = said if isinstance(said, dict) else {}
    error, frames = _raised(said), said.get("frames")
    for frame in frames[:FRAMES] if isinstance(frames, list) else ():
        error.add_note(str(frame)[:LONGEST_FRAME])
    return error


def _raised(said: dict[str, Any]) -> Exception:
    text, word, after = str(said.get("text", "")), said.get("word"), said.get("after")
    if word == "TryLater":
        return TryLater(text, after=after if isinstance(after, (int, float)) else None)
    if isinstance(word, str) and word in WORDS:
        return WORDS[word](text)
    base = (ForeignError, ValueError) if said.get("value") else (ForeignError,)
    made: type[Exception] = type(_identifier(said.get("name")), base, {})
    return made(text)
