"""The contract's values as JSON with bytes beside it, and back. Nothing is run by reading: no pickle. Pure.

JSON's own values stand for themselves, an array is a tuple. Everything else is an object with one key that says what
it is: `b` bytes (their length; they follow in order), `l` list, `d` dict, `p` dict as pairs, `s` set, `t` time,
`c` a class of the contract with its fields, `x` something that has no meaning here, by the name of its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import voc.plugin
from voc.plugin import Misconfigured, NotHere, TryLater, Undeliverable, View
from voc.plugin_host.places import FRAMES, LONGEST_FRAME, frames_of

CLASSES: dict[str, type] = {
    name: found
    for name in voc.plugin.__all__
    if isinstance(found := getattr(voc.plugin, name), type) and is_dataclass(found) and not issubclass(found, View)
}


class _Shape:
    """The fields of a class: their names, what each is by default, and what takes all of them from a thing at once."""

    __slots__ = ("defaults", "names", "taking")

    def __init__(self, found: type) -> None:
        given = fields(found)
        self.names = [field.name for field in given]
        self.defaults = [field.default for field in given]
        # Of one name alone it would give no tuple.
        self.taking: Callable[[Any], Any] = (
            attrgetter(*self.names) if len(given) > 1 else lambda thing: [getattr(thing, self.names[0])]
        )


_SHAPES = {found: _Shape(found) for found in CLASSES.values()}
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
        return _items(value, blobs)
    if kind is list:
        return {"l": _items(value, blobs)}
    if kind in _NAMES:
        found = {}
        shape = _SHAPES[kind]
        for name, default, held in zip(shape.names, shape.defaults, shape.taking(value), strict=True):
            if held is not default:
                found[name] = held if type(held) in _PLAIN else _packed(held, blobs)
        return {"c": _NAMES[kind], "f": found}
    if kind is dict or isinstance(value, Mapping):
        return _mapping(value, blobs)
    return _seldom(value, blobs)


# Loops and no comprehensions here and in Unpacked: a call of its own for each would cost more than what it does.
def _items(value: Sequence[Any], blobs: list[bytes]) -> list[Any]:
    found = []
    for item in value:
        found.append(item if type(item) in _PLAIN else _packed(item, blobs))
    return found


def _mapping(value: Mapping[Any, Any], blobs: list[bytes]) -> Any:
    for name in value:
        if type(name) is not str:
            return {"p": [[_packed(name, blobs), _packed(item, blobs)] for name, item in value.items()]}
    found = {}
    for name, item in value.items():
        found[name] = item if type(item) in _PLAIN else _packed(item, blobs)
    return {"d": found}


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
            "f": {name: _packed(getattr(value, name), blobs) for name in _SHAPES[found].names},
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
            return tuple(self._replaced(node))
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
            return found(**self.table(given))
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
        return self._replaced(node)

    def _replaced(self, node: list[Any]) -> list[Any]:
        # In place: nobody else has what was just read.
        for number, item in enumerate(node):
            if type(item) in _NESTED:
                node[number] = self.value(item)
        return node

    def table(self, node: Any) -> dict[str, Any]:
        """The values of a dict with names."""
        if not isinstance(node, dict):
            raise ValueError("a table that is none")
        for name, item in node.items():
            if type(item) in _NESTED:
                node[name] = self.value(item)
        return node

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
