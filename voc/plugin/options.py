"""Declared settings of a channel: the host draws the form, validates, and encrypts what is secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

OptionType = Literal["text", "number", "flag", "choice", "list"]


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `required` says whether it must be given; `default` is what holds when it is not (None: nothing).

    `choices` belong to type choice and list. A channel with FETCH that declares no option `poll_seconds` is given one
    by voc: a number, 60 seconds at first, 5 at least, or 0 for never.
    """

    name: str
    help: str
    type: OptionType = "text"
    default: Any = None
    secret: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()


class Options:
    """The settings a channel declares, in the order they are shown."""

    def __init__(self, *options: Option) -> None:
        self._options = {option.name: option for option in options}

    def __iter__(self) -> Iterator[Option]:
        return iter(self._options.values())

    def check(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
        """Return (values with defaults, errors by option name); unknown names are errors, nothing is raised."""
        errors: dict[str, list[str]] = {}
        result: dict[str, Any] = {}
        for name in values:
            if name not in self._options:
                errors[name] = ["no such option"]
        for option in self:
            value = values.get(option.name, option.default)
            if value is None or value == "":
                if option.required:
                    errors[option.name] = ["must be given"]
                result[option.name] = option.default
                continue
            try:
                result[option.name] = _convert(option, value)
            except ValueError as error:
                errors[option.name] = [str(error)]
        return result, errors


def _convert(option: Option, value: Any) -> Any:
    """`value` as the option's type; raises ValueError with a sentence for the person who typed it."""
    if option.type == "number":
        try:
            return int(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError("must be a whole number") from None
    if option.type == "flag":
        if str(value).lower() in ("1", "true", "yes", "on"):
            return True
        if str(value).lower() in ("0", "false", "no", "off"):
            return False
        raise ValueError("must be yes or no")
    if option.type == "list":
        if not isinstance(value, (str, list, tuple, set, frozenset)):
            raise ValueError("must be a list")
        items = [str(item).strip() for item in (value.split(",") if isinstance(value, str) else value)]
        wrong = [item for item in items if option.choices and item not in option.choices]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: must be among {', '.join(option.choices)}")
        return [item for item in items if item]
    if option.type == "choice" and value not in option.choices:
        raise ValueError(f"must be one of {', '.join(option.choices)}")
    return value if isinstance(value, dict) else str(value)
