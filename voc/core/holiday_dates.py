"""Public holidays by country and subdivision, as plain dates.

The tables come from the `holidays` library, which is imported at the first question: it costs about a tenth of a
second, and a calendar without a country never needs it. Only public holidays count (bank holidays and optional days
such as Carnival in Brazil do not), together with the days on which they are observed by law.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from voc.core.errors import Invalid

NO_COUNTRY = "There are no holidays on record for this country code."
NO_SUBDIVISION = "There are no holidays on record for this subdivision of the country."


@lru_cache(maxsize=256)
def resolve(country: str, subdivision: str | None) -> tuple[str, str | None]:
    """Return the canonical pair: ISO 3166-1 alpha-2 code and subdivision code.

    `country` may have two or three letters in any case; `subdivision` is a code or a name that the library knows as
    an alias (`São Paulo` gives `SP`). Raises Invalid naming the field that is unknown.
    """
    from holidays import country_holidays
    from holidays.registry import EntityLoader

    code = country.upper()
    # Asked for first: the library itself would also answer to stock exchanges and central banks (ECB).
    if code not in EntityLoader.get_country_codes(include_aliases=True):
        raise Invalid(fields={"country": [NO_COUNTRY]})
    table = country_holidays(code)
    if subdivision is None:
        return table.country, None
    known = table.subdivisions_aliases.get(subdivision, subdivision)
    if known not in table.subdivisions:
        raise Invalid(fields={"subdivision": [NO_SUBDIVISION]})
    return table.country, known


@lru_cache(maxsize=1024)
def in_year(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """All public holidays of one year, for a pair that `resolve` returned.

    The tables end with the year 2100, for some countries earlier; a year outside them has no holidays.
    """
    from holidays import country_holidays

    table = country_holidays(country, subdiv=subdivision, years=year, expand=False)
    return frozenset(day for day in table if day.year == year)
