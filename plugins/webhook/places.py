"""Where things stand in other people's JSON (RFC 6901 pointers), and what may stand there. Pure."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# Lowest and highest answer by metric.
RANGES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5)}
# Characters of an id that is kept as it is.
LONGEST_ID = 150
MOST_FACTS = 50

# Where a value stands unless an option says otherwise: the shape of voc's own API.
PLACES = {
    "text": "/text",
    "score": "/score",
    "metric": "/metric",
    "id": "/id",
    "name": "/customer/name",
    "email": "/customer/email",
    "phone": "/customer/phone",
    "language": "/language",
    "sent_at": "/sent_at",
    "updated_at": "/updated_at",
    "unit": "/unit",
    "consent": "/consent",
    "facts": "/facts",
}
# These may also be the value itself, the same for every delivery.
LITERAL = ("metric", "language", "unit")
_WHOLE = re.compile(r"-?\d{1,6}(\.0+)?")
# What no database keeps: NUL, and halves of a character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def bad_places(options: Mapping[str, Any]) -> str | None:
    """What is wrong with the places in these options; None when all can be used."""
    for name in PLACES:
        place = str(options.get(name) or PLACES[name])
        if not place.startswith("/") and name not in LITERAL:
            return f"{name} must be a place in the JSON and begin with /, for example {PLACES[name]}"
        if name == "metric" and not place.startswith("/") and place not in RANGES:
            return f"metric must be a place, or one of {', '.join(RANGES)}"
    only = str(options.get("only") or "")
    if only and not (only.startswith("/") and "=" in only):
        return "only must be a place and what has to stand there, for example /event=response.completed"
    return None


def at(data: Any, place: str) -> Any:
    """What stands at a place, None when nothing does."""
    for part in place.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and len(name) < 7 and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data


def value_of(options: Mapping[str, Any], name: str, data: Any) -> Any:
    """What the delivery says about `name`, or the option itself where it is no place."""
    place = str(options.get(name) or PLACES[name])
    return at(data, place) if place.startswith("/") else place


def wanted(options: Mapping[str, Any], data: Any) -> bool:
    """Whether this delivery is one of those that the option `only` lets in."""
    place, _, values = str(options.get("only") or "").partition("=")
    return not place or str(at(data, place)) in [value.strip() for value in values.split(",")]


def text(name: str, value: Any) -> str | None:
    """A text without space around it, None when there is none; raises ValueError for anything else."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"{name} is {_shown(value)}, which is no text")
    return value.strip() or None


def line(name: str, value: Any) -> str | None:
    """A text on one line; a number is one too: telephone numbers often come as numbers."""
    found = text(name, str(value) if isinstance(value, int) and not isinstance(value, bool) else value)
    return " ".join(_UNSTORABLE.sub("", found).split()) or None if found else None


def identity(value: Any) -> str | None:
    """An id: a text or a whole number; what is very long or cannot be stored by its hash. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    found = str(value).strip()
    if len(found) > LONGEST_ID or _UNSTORABLE.search(found):
        return "sha256 " + hashlib.sha256(found.encode("utf-8", "replace")).hexdigest()
    return found or None


def metric(value: Any) -> str | None:
    """One of the four metrics, in any case; raises ValueError for another word."""
    found = (line("metric", value) or "").lower()
    if found and found not in RANGES:
        raise ValueError(f"metric is {_shown(value)}; there are {', '.join(RANGES)}")
    return found or None


def score(value: Any, metric: str | None) -> int | None:
    """The raw answer, None when unanswered; raises ValueError for what cannot be one."""
    if value is None or value == "":
        return None
    whole = _WHOLE.fullmatch(str(value).strip()) if isinstance(value, (int, float, str)) else None
    if whole is None or isinstance(value, bool):
        raise ValueError(f"score is {_shown(value)}, which is no whole number")
    if metric is None:
        raise ValueError("there is a score, and no metric that says what it answers; set the option metric")
    found = int(float(whole[0]))
    low, high = RANGES[metric]
    if not low <= found <= high:
        raise ValueError(f"score is {found}; {metric} goes from {low} to {high}")
    return found


def language(value: Any) -> str | None:
    """A language without its region, None for what is no tag: it is only a hint."""
    first = re.split(r"[-_]", value)[0].strip().lower() if isinstance(value, str) else ""
    return first if first.isascii() and first.isalpha() and len(first) in (2, 3) else None


def moment(name: str, value: Any) -> datetime | None:
    """A time with its zone (ISO 8601), or seconds or milliseconds since 1970; raises ValueError for anything else."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if value > 100_000_000_000 else value
        if not 0 <= seconds < 100_000_000_000:
            raise ValueError(f"{name} is {_shown(value)}, which is no time")
        return datetime.fromtimestamp(seconds, UTC)
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {_shown(value)}, which is no time such as 2026-03-04T15:00:00Z") from None
    if found.tzinfo is None:
        raise ValueError(f"{name} is {_shown(value)} and has no time zone; add Z or an offset such as -05:00")
    return found


def facts(value: Any) -> dict[str, Any]:
    """Words, numbers and truths by name; anything deeper stays in the receipt only."""
    if not isinstance(value, dict):
        return {}
    plain = {name: item for name, item in value.items() if isinstance(item, (str, int, float)) and item == item}
    return {name: plain[name] for name in list(plain)[:MOST_FACTS] if plain[name] not in (math.inf, -math.inf)}


def _shown(value: Any) -> str:
    """A value in a reason, short; what is in a list or an object is not repeated."""
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "an object"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
