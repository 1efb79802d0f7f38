"""Texts in the reader's language, typed; also those of services, whose messages are message ids."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext


def translated(text: str, /, **values: object) -> str:
    """The text in the reader's language; imported as `_`, which is what the extraction of message ids looks for."""
    return str(gettext(text, **values))


def in_words(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The errors by field in the reader's language."""
    return {name: [translated(text) for text in texts] for name, texts in fields.items()}
