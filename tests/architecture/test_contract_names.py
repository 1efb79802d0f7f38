"""What others import from `voc.plugin` changes only on purpose: plugin_names.txt says what is promised.

After a decision to change the contract: write the list that the failing test shows into the file, say so in the
changelog, and raise `CONTRACT` when something that plugins rely on went away.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import voc.plugin
from voc.plugin import spec

PROMISED = Path(__file__).with_name("plugin_names.txt")


def public_names() -> Iterator[str]:
    """One line a name: classes with their fields and methods, functions with their signature, closed sets of words."""
    for name in sorted(voc.plugin.__all__):
        value = getattr(voc.plugin, name)
        if dataclasses.is_dataclass(value):
            yield f"{name}({', '.join(_field(item) for item in dataclasses.fields(value))})"
            yield from _methods(name, value)
        elif inspect.isclass(value):
            yield f"{name}: {', '.join(_attributes(value))}" if _attributes(value) else name
            yield from _methods(name, value)
        elif isinstance(value, (int, str)):
            yield f"{name} = {value!r}"
        elif get_origin(value) in (Literal, types.UnionType):
            yield f"{name}: {' | '.join(getattr(item, '__name__', str(item)) for item in get_args(value))}"
        elif get_origin(value):
            yield f"{name}: {value}"
        else:
            yield name
    for name, hook in sorted(vars(spec).items()):
        if name.startswith("voc_"):
            yield f"hook {name}{_signature(hook)}"


def _field(item: Any) -> str:
    has_default = item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING
    return f"{item.name}: {item.type}{' = …' if has_default else ''}"


def _attributes(value: type) -> list[str]:
    return sorted(
        f"{name}: {kind}" for name, kind in inspect.get_annotations(value).items() if not name.startswith("_")
    )


def _methods(owner: str, value: type) -> Iterator[str]:
    for name, method in sorted(vars(value).items()):
        if isinstance(method, types.FunctionType) and (not name.startswith("_") or name == "__iter__"):
            yield f"{owner}.{name}{_signature(method)}"


def _signature(function: Any) -> str:
    """Arguments and result as written, without the quotes that late annotations get."""
    return re.sub(r"'([^']*)'", r"\1", str(inspect.signature(function)))


def test_public_names_are_as_promised() -> None:
    found = "\n".join(public_names()) + "\n"
    assert found == PROMISED.read_text(encoding="utf-8"), "write this into plugin_names.txt if it is wanted:\n" + found


def test_everything_promised_is_importable() -> None:
    assert [name for name in voc.plugin.__all__ if not hasattr(voc.plugin, name)] == []
