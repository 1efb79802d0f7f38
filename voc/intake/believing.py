"""Believing nothing: whether what a plugin returned can be stored. Pure; the answers are for the plugin's author."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voc.core.text import is_storable
from voc.core.vocabulary import SCALES, Metric
from voc.plugin import Author, Inbound

# Characters that the columns take.
LIMITS = {"name": 200, "email": 320, "phone": 40, "external_id": 320}
LANGUAGE_LIMIT = 8
IDENTITY_LIMIT = 2000


def problem(item: Inbound) -> str | None:
    """What is wrong with a feedback; None when it can be stored."""
    if not item.external_id or not _line(item.external_id, IDENTITY_LIMIT):
        return f"it has no external_id of 1 to {IDENTITY_LIMIT} characters"
    if item.text is None and item.score is None:
        return "it has neither text nor score"
    if item.text is not None and not isinstance(item.text, str):
        return "its text is no text"
    if item.language is not None and not _line(item.language, LANGUAGE_LIMIT):
        return f"its language is no tag of at most {LANGUAGE_LIMIT} characters"
    if item.sent_at is not None and not isinstance(item.sent_at, datetime):
        return "its sent_at is no datetime"
    if item.sent_at is not None and item.sent_at.tzinfo is None:
        return "sent_at has no time zone"
    if not isinstance(item.consent, bool):
        return "its consent is neither True nor False"
    return _score(item) or _author(item.author) or _facts(item.facts)


def _line(value: Any, limit: int) -> bool:
    return isinstance(value, str) and len(value) <= limit and is_storable(value)


def _score(item: Inbound) -> str | None:
    if (item.metric is None) != (item.score is None):
        return "metric and score must come together"
    if item.metric is None:
        return None
    if not isinstance(item.metric, str) or item.metric not in SCALES:
        return f"there is no metric {item.metric!r}"
    low, high = SCALES[Metric(item.metric)]
    if type(item.score) is not int or not low <= item.score <= high:
        return f"score {item.score!r} is not between {low} and {high}"
    return None


def _author(author: Any) -> str | None:
    if author is None:
        return None
    if not isinstance(author, Author):
        return "its author is no Author"
    if not isinstance(author.verified, bool):
        return "its author's verified is neither True nor False"
    for name, limit in LIMITS.items():
        value = getattr(author, name)
        if value is not None and not _line(value, limit):
            return f"its author's {name} is no text of at most {limit} characters"
    return None


def _facts(facts: Any) -> str | None:
    if not isinstance(facts, Mapping):
        return "its facts are no mapping"
    try:
        written = json.dumps(dict(facts), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return "its facts are not what JSON can hold"
    if "\\u0000" in written or not is_storable(written):
        return "its facts hold characters that cannot be kept"
    return None
