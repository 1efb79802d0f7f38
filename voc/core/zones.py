"""In which country a time zone lies, by the table that comes with the zones."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


def country_of(zone: str) -> str | None:
    """ISO code of the country of a zone (`America/Lima`: PE); None for one that lies in none, as UTC."""
    return _countries().get(zone)


@cache
def _countries() -> dict[str, str]:
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
