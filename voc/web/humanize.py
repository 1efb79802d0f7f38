"""Times as people say them, in Spanish, Portuguese and English: pure functions, all moments aware.

Dates go through Babel in the zone given; the short spans ("1 h 10 min", "9 d") read the same in the three languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from babel.dates import format_datetime, format_timedelta

ClockState = Literal["none", "ok", "soon", "overdue", "met"]

# A clock is "soon" when this much or less is left.
SOON = timedelta(hours=2)
# From here on a span is said in months.
_LONG = timedelta(days=45)

_AGO = {"es": "hace {}", "pt": "há {}", "en": "{} ago"}
_NOW = {"es": "ahora", "pt": "agora", "en": "just now"}
_DAY = {"es": "EEEE d 'de' MMMM", "pt": "EEEE, d 'de' MMMM", "en": "EEEE d MMMM"}
_DAY_OF_YEAR = {"es": "d 'de' MMMM 'de' y", "pt": "d 'de' MMMM 'de' y", "en": "d MMMM y"}
_EXACT = {"es": "EEE d MMM, HH:mm", "pt": "EEE d MMM, HH:mm", "en": "EEE d MMM, HH:mm"}
_EXACT_OF_YEAR = {"es": "d MMM y, HH:mm", "pt": "d MMM y, HH:mm", "en": "d MMM y, HH:mm"}
_SPOKEN = {language: pattern + ", HH:mm" for language, pattern in _DAY.items()}
_SPOKEN_OF_YEAR = {language: pattern + ", HH:mm" for language, pattern in _DAY_OF_YEAR.items()}


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What a clock shows. `left` is the percentage (0 to 100) of the time that is left, `words` the span as text."""

    state: ClockState
    left: int = 0
    words: str = ""


def span(length: timedelta) -> str:
    """A length of time in at most two units, the same in every language: `25 min`, `1 h 10 min`, `3 h`, `9 d`.

    Minutes are rounded down and never below 1; from three hours on only hours, from two days on only days.
    """
    minutes = max(int(length.total_seconds() // 60), 1)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 3 and rest:
        return f"{hours} h {rest} min"
    return f"{hours} h" if hours < 48 else f"{hours // 24} d"


def ago(at: datetime, now: datetime, language: str) -> str:
    """How long ago `at` was: `hace 42 min`, `há 42 min`, `42 min ago`; a moment in the future is *now*."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return _NOW[language]
    if passed > _LONG:
        return format_timedelta(-passed, locale=language, add_direction=True, threshold=1.5)
    return _AGO[language].format(span(passed))


def exact(at: datetime, zone: tzinfo, language: str, *, now: datetime | None = None) -> str:
    """Day and time in `zone`: `vie 20 nov, 18:42`; with the year instead of the weekday when it is another year."""
    return format_datetime(at, _of_year(_EXACT, _EXACT_OF_YEAR, at, zone, now)[language], tzinfo=zone, locale=language)


def day(at: datetime, zone: tzinfo, language: str, *, now: datetime | None = None) -> str:
    """The day in words in `zone`: `viernes 20 de noviembre`; with the year when it is another year."""
    return format_datetime(at, _of_year(_DAY, _DAY_OF_YEAR, at, zone, now)[language], tzinfo=zone, locale=language)


def spoken(at: datetime, zone: tzinfo, language: str, *, now: datetime | None = None) -> str:
    """Day in words and time in `zone`: `viernes 20 de noviembre, 18:42`; with the year when it is another year."""
    patterns = _of_year(_SPOKEN, _SPOKEN_OF_YEAR, at, zone, now)
    return format_datetime(at, patterns[language], tzinfo=zone, locale=language)


def clock_face(
    due_at: datetime | None,
    now: datetime,
    opened_at: datetime | None = None,
    met_at: datetime | None = None,
    *,
    language: str,
) -> ClockFace:
    """The face of a clock that ends at `due_at`; without `opened_at` the ring is full until it is soon.

    `words` is what is left (`25 min`), or for an overdue clock how long ago it ended (`hace 25 min`).
    """
    if met_at is not None:
        return ClockFace("met")
    if due_at is None:
        return ClockFace("none")
    left = due_at - now
    if left <= timedelta(0):
        return ClockFace("overdue", 0, _AGO[language].format(span(-left)))
    whole = due_at - opened_at if opened_at is not None else SOON
    share = min(int(100 * left / whole), 100) if whole > timedelta(0) else 100
    return ClockFace("soon" if left <= SOON else "ok", max(share, 1), span(left))


def size(count: int) -> str:
    """A number of bytes as people say it: `12 kB`, `3 MB`, `83 GB`."""
    for unit, factor in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if count >= factor:
            return f"{round(count / factor)} {unit}"
    return f"{count} B"


def initials(name: str) -> str:
    """One or two letters for a face without a picture: first and last word of the name, in capitals."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _of_year(
    plain: dict[str, str], with_year: dict[str, str], at: datetime, zone: tzinfo, now: datetime | None
) -> dict[str, str]:
    """The patterns that apply: those with the year when `at` lies in another year than `now`."""
    if now is not None and at.astimezone(zone).year != now.astimezone(zone).year:
        return with_year
    return plain
