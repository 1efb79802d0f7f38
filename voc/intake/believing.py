"""Believing nothing: whether what a plugin returned can be stored. Pure; the answers are for the plugin's author."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voc.core.text import is_blank, is_storable
from voc.core.vocabulary import SCALES, Metric
from voc.plugin import Attachment, Author, Deleted, Delivery, Edited, Inbound

# Characters that the columns take.
LIMITS = {"name": 200, "email": 320, "phone": 40, "external_id": 320, "handle": 320}
LANGUAGE_LIMIT = 8
IDENTITY_LIMIT = 2000
MOST_NAMES = 200
MOST_FILES = 100
LARGEST_NUMBER = 2**53
FATES = ("failed", "delivered", "read")


def problem(item: Inbound | Edited | Deleted | Delivery) -> str | None:
    """What is wrong with something a plugin read; None when it can be stored."""
    if isinstance(item, Delivery):
        if not item.sent_id or not _line(item.sent_id, IDENTITY_LIMIT):
            return f"it has no sent_id of 1 to {IDENTITY_LIMIT} characters"
        if item.fate not in FATES or not isinstance(item.reason, str):
            return f"its fate must be one of {', '.join(FATES)}, and its reason a text"
        if not all(isinstance(name, str) for name in item.recipients) or len(item.recipients) > MOST_NAMES:
            return f"its recipients must be at most {MOST_NAMES} addresses"
        return None
    if isinstance(item, Inbound):
        return _feedback(item)
    if not item.external_id or not _line(item.external_id, IDENTITY_LIMIT):
        return f"it has no external_id of 1 to {IDENTITY_LIMIT} characters"
    if isinstance(item, Edited):
        if item.text is not None and not isinstance(item.text, str):
            return "its text is no text"
        return _moment("edited_at", item.edited_at) or _author(item.author)
    return None


def _feedback(item: Inbound) -> str | None:
    if not item.external_id or not _line(item.external_id, IDENTITY_LIMIT):
        return f"it has no external_id of 1 to {IDENTITY_LIMIT} characters"
    if item.text is not None and not isinstance(item.text, str):
        return "its text is no text"
    if (item.text is None or is_blank(item.text)) and item.score is None:
        return "it has neither text nor score"
    if item.language is not None and not _line(item.language, LANGUAGE_LIMIT):
        return f"its language is no tag of at most {LANGUAGE_LIMIT} characters"
    if not isinstance(item.consent, bool):
        return "its consent is neither True nor False"
    return (
        _moment("sent_at", item.sent_at)
        or _score(item)
        or _author(item.author)
        or _json("facts", item.facts)
        or (None if item.reply_to is None else _json("reply_to", item.reply_to))
        or _thread(item)
        or _files(item.attachments)
    )


def _moment(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        return f"its {name} is no datetime"
    return f"{name} has no time zone" if value.tzinfo is None else None


def _thread(item: Inbound) -> str | None:
    for names in (item.thread, item.names):
        if not isinstance(names, tuple) or len(names) > MOST_NAMES:
            return f"its thread and names must be tuples of at most {MOST_NAMES} ids"
        if not all(_line(name, IDENTITY_LIMIT) for name in names):
            return f"an id in its thread or names is no text of at most {IDENTITY_LIMIT} characters"
    if item.subject is not None and not isinstance(item.subject, str):
        return "its subject is no text"
    if item.reach is not None and (type(item.reach) is not int or not 0 <= item.reach <= LARGEST_NUMBER):
        return "its reach is no number of people"
    return None


def _files(files: Any) -> str | None:
    if not isinstance(files, tuple) or len(files) > MOST_FILES:
        return f"its attachments must be a tuple of at most {MOST_FILES}"
    for file in files:
        if not isinstance(file, Attachment):
            return "one of its attachments is no Attachment"
        if not (isinstance(file.name, str) and isinstance(file.content_type, str) and isinstance(file.body, bytes)):
            return "an attachment needs name and content_type as text and body as bytes"
        if type(file.size) is not int or not 0 <= file.size <= LARGEST_NUMBER or not is_storable(file.content_type):
            return "an attachment's size or content_type means nothing"
    return None


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


def _json(name: str, value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return f"its {name} are no mapping"
    try:
        written = json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return f"its {name} are not what JSON can hold"
    if "\\u0000" in written or not is_storable(written):
        return f"its {name} hold characters that cannot be kept"
    return None
