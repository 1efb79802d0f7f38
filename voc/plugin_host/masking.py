"""Masking a channel's secrets in text that people see."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

# A shorter one would be found in words that have nothing to do with it.
LEAST = 4


def masker(secrets: Mapping[str, Any]) -> Callable[[str], str]:
    """A function that puts … in place of each of these values, also as JSON and addresses write them."""
    forms: set[str] = set()
    for value in (str(value) for value in secrets.values() if value is not None):
        if len(value) >= LEAST:
            forms |= {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
            forms |= {quote(value, safe=""), quote(value), quote_plus(value)}
    # The longest first: one may be the beginning of another.
    found = sorted(forms, key=len, reverse=True)

    def masked(text: str) -> str:
        for form in found:
            text = text.replace(form, "…")
        return text

    return masked
