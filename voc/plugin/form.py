"""A public form as data: a channel describes it, the host draws, protects, brands and stores it.

Texts are mappings from language (`es`, `pt`, `en`) to words; the host falls back to the first language given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Texts = Mapping[str, str]
FieldKind = Literal["score", "long_text", "text", "email", "phone", "consent", "choice"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A row of numbers from `low` to `high` with words at both ends; `metric` says what they measure."""

    metric: str
    low: int
    high: int
    low_text: Texts
    high_text: Texts


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `limit` is in characters; `autocomplete` is the HTML token that lets a phone fill it in."""

    name: str
    kind: FieldKind
    label: Texts
    help: Texts | None = None
    required: bool = False
    limit: int = 200
    scale: Scale | None = None
    choices: tuple[tuple[str, Texts], ...] = ()
    autocomplete: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. `needs_one_of` names fields of which at least one must be answered."""

    title: Texts
    fields: tuple[Field, ...]
    submit: Texts
    languages: tuple[str, ...]
    intro: Texts | None = None
    thanks: Texts | None = None
    needs_one_of: tuple[str, ...] = ()
