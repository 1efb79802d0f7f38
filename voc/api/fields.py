"""Marshmallow fields that take exactly what their documentation says, and never a value a database cannot keep.

JSON types are not converted: "3" and 3.0 are no integers, 1 is no boolean. Text with NUL or lone surrogates is
refused. A blank string (`voc.core.text.is_blank`) counts as absent.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from voc.core.text import is_blank, is_storable, one_line, storable

NOT_TEXT = "Must be a string."
NOT_STORABLE = "Must not contain NUL characters or lone surrogates."

MAX_FACTS = 50
MAX_FACT_NAME = 60
MAX_FACT_TEXT = 1000
MAX_WHOLE = 2**53 - 1  # beyond it JSON readers disagree


def _checked(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError(NOT_TEXT)
    if not is_storable(value):
        raise ValidationError(NOT_STORABLE)
    return value


class _Words(fields.String):
    """Text that may come out as None, which no validator sees."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        kwargs.setdefault("allow_none", True)
        super().__init__(validate=validate.Length(max=limit), **kwargs)

    def _validate(self, value: Any) -> None:
        if value is not None:
            super()._validate(value)


class Text(_Words):
    """Several lines in the customer's words, at most `limit` characters; line ends become `\\n`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = storable(_checked(value))
        return None if is_blank(text) else text


class Line(_Words):
    """One line of at most `limit` characters; `pattern` must match all of it, else `wrong` is what to say."""

    def __init__(self, *, limit: int, pattern: str | None = None, wrong: str = "", **kwargs: Any) -> None:
        super().__init__(limit=limit, **kwargs)
        self._limit = limit
        self._pattern = re.compile(pattern) if pattern else None
        self._wrong = wrong

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        line = one_line(_checked(value))
        if is_blank(line):
            return None
        if self._pattern is not None and len(line) <= self._limit and not self._pattern.fullmatch(line):
            raise ValidationError(self._wrong)
        return line


class LanguageTag(Line):
    """A language tag as in `es`, `pt-BR`, `es-419`; what is kept is the language alone, in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            limit=35,
            pattern=r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*",
            wrong="Must be a language tag such as es, pt-BR or en.",
            **kwargs,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        tag: str | None = super()._deserialize(value, attr, data, **kwargs)
        return tag.split("-")[0].lower() if tag and len(tag) <= self._limit else tag


class Whole(fields.Integer):
    """A JSON integer; no boolean, no float, no string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("Must be an integer.")
        return value


class YesNo(fields.Boolean):
    """A JSON boolean; no 0, no "yes"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Must be true or false.")
        return value


class Moment(fields.AwareDateTime):
    """An ISO 8601 date and time that says its zone, as UTC; a naive one is refused, never guessed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        wrong = ValidationError("Must be an ISO 8601 date and time such as 2026-03-01T14:30:00-05:00.")
        if not isinstance(value, str) or len(value) > 40 or not value.isascii():
            raise wrong
        try:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValidationError("Must say its time zone, for example Z or -05:00 at the end.")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            if isinstance(error, ValidationError):
                raise
            raise wrong from None


class Facts(fields.Dict):
    """A flat object: names to strings, numbers, booleans or null, each bounded; one message for each wrong name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_none=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("Must be an object.")
        if len(value) > MAX_FACTS:
            raise ValidationError(f"Must have at most {MAX_FACTS} names.")
        errors = {name: [wrong] for name, item in value.items() if (wrong := _wrong_fact(name, item))}
        if errors:
            raise ValidationError(errors)
        return value


def _wrong_fact(name: str, value: Any) -> str | None:
    if not 1 <= len(name) <= MAX_FACT_NAME or not is_storable(name):
        return f"A name must have 1 to {MAX_FACT_NAME} characters, none of them NUL or a lone surrogate."
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        if len(value) > MAX_FACT_TEXT:
            return f"Must have at most {MAX_FACT_TEXT} characters."
        return None if is_storable(value) else NOT_STORABLE
    if isinstance(value, int):
        return None if abs(value) <= MAX_WHOLE else f"Must lie between -{MAX_WHOLE} and {MAX_WHOLE}."
    if isinstance(value, float):
        return None if math.isfinite(value) else "Must be a finite number."
    return "Must be a string, a number, a boolean or null."


def by_name(error: ValidationError) -> dict[str, list[str]]:
    """The messages of a schema by field name, nested names with dots; `body` is the whole."""
    found: dict[str, list[str]] = {}
    _flatten("", error.messages, found)
    return found


def _flatten(prefix: str, messages: Any, into: dict[str, list[str]]) -> None:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            own = "" if name == "_schema" else str(name)
            _flatten(".".join(part for part in (prefix, own) if part), inner, into)
    else:
        texts = messages if isinstance(messages, list) else [messages]
        into.setdefault(prefix or "body", []).extend(str(text) for text in texts)
