"""How the fields of an answer are declared: required, described, and null only where that is said."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import fields


def text(description: str, *, null: bool = False, **metadata: Any) -> fields.String:
    """A text."""
    return fields.String(required=True, allow_none=null, metadata={"description": description, **metadata})


def number(description: str, *, null: bool = False) -> fields.Integer:
    """A whole number."""
    return fields.Integer(required=True, allow_none=null, metadata={"description": description})


def yes_no(description: str) -> fields.Boolean:
    """True or false."""
    return fields.Boolean(required=True, metadata={"description": description})


def key(description: str, *, null: bool = False) -> fields.UUID:
    """An id."""
    return fields.UUID(required=True, allow_none=null, metadata={"description": description})


def at(description: str, *, null: bool = False) -> fields.DateTime:
    """A moment."""
    return fields.DateTime(required=True, allow_none=null, metadata={"description": description})


def word(kind: type[StrEnum], description: str, *, null: bool = False) -> fields.Enum[StrEnum]:
    """One of a closed set of words."""
    return fields.Enum(
        kind, by_value=fields.String, required=True, allow_none=null, metadata={"description": description}
    )
