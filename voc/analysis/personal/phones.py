"""Phone numbers: what the numbering plans of `phonenumberslite` accept, written as people write phones.

With a plus any country counts; without it those of the house and of the text's language. Digits in one piece count
without a word beside them only when they are a mobile number: an order number has no shape either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from voc.analysis.personal.words import PHONE, is_amount, said_before

# Where the languages are spoken, for texts of customers whose country nobody knows.
REGIONS: dict[str | None, tuple[str, ...]] = {
    "es": ("PE", "MX", "CO", "AR", "CL", "ES"),
    "pt": ("BR", "PT"),
    "en": ("US", "GB"),
    None: ("PE", "MX", "CO", "AR", "CL", "ES", "BR", "PT"),
}
# How many numbers of one text the library is asked about; beyond that the shape decides, in favor of masking.
MOST_ASKED = 2_000

_RUN = re.compile(r"(?<![0-9A-Za-z])(?:\+ ?)?\(?\+?[0-9](?:[ ().-]{0,3}[0-9])*(?![0-9A-Za-z])")
_GROUP = re.compile(r"[0-9]+")
_MOST_GROUPS = 7
_DIGITS = range(8, 16)
_LOCAL_DIGITS = range(6, 9)
# How phones are grouped, whatever the country; mobiles and what the library prints itself count besides.
_SHAPES = frozenset(
    {(2, 3, 2, 2), (3, 2, 2, 2), (3, 3, 3), (3, 3, 4), (2, 4, 4), (2, 5, 4), (2, 3, 4), (1, 3, 4), (1, 4, 4)}
    | {(2, 2, 2, 2, 2), (3, 3, 2, 2), (3, 7), (2, 8), (2, 7), (3, 4, 4), (4, 2, 4), (4, 3, 3), (2, 1, 4, 4)}
)
_DATES = frozenset({(2, 2, 4), (4, 2, 2), (1, 2, 4), (2, 1, 4), (1, 1, 4), (4, 1, 2), (4, 2, 1)})


def phones(text: str, *, language: str | None, countries: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Half-open spans of phone numbers in a plain text; `countries` are ISO codes of the house."""
    plans = _Plans(countries, language)
    for run in _RUN.finditer(text):
        if run.end() - run.start() >= _LOCAL_DIGITS.start:
            yield from _in_run(text, run, plans)


def _in_run(text: str, run: re.Match[str], plans: _Plans) -> Iterator[tuple[int, int]]:
    groups = [(m.start(), m.end()) for m in _GROUP.finditer(text, run.start(), run.end())]
    first = 0
    while first < len(groups):
        start = _opening(text, run.start(), groups[first][0])
        said = said_before(text, start)
        count = _longest(text, groups[first : first + _MOST_GROUPS], start, said, plans)
        if count:
            yield start, groups[first + count - 1][1]
        first += count or 1


def _opening(text: str, run_start: int, at: int) -> int:
    """Where a number that begins with this group begins: before its plus and its bracket."""
    while at > run_start and text[at - 1] in "(+ " and (text[at - 1] != " " or text[at - 2 : at] == "+ "):
        at -= 1
    return at


def _longest(text: str, groups: list[tuple[int, int]], start: int, said: frozenset[str], plans: _Plans) -> int:
    """Of how many of these groups a phone consists, as many as possible; 0 when they begin none."""
    opened = text[start : groups[0][0]]
    digits = [text[begin:end] for begin, end in groups]
    sizes = tuple(map(len, digits))
    total = sum(sizes)
    for count in range(len(groups), 0, -1):
        size, total = total, total - sizes[count - 1]
        if not _LOCAL_DIGITS.start <= size < _DIGITS.stop:
            continue
        whole = text[start : groups[count - 1][1]]
        number = "".join(digits[:count])
        if "+" in opened or (number.startswith("00") and size > 10):
            found = plans.is_international(number.removeprefix("00"))
        elif (said and PHONE not in said) or sizes[:count] in _DATES:
            found = False
        elif PHONE in said:
            found = size in _LOCAL_DIGITS or plans.is_valid(number) or plans.is_international(number)
        else:
            found = size in _DIGITS and "." not in whole and plans.is_written(number, sizes[:count], "(" in opened)
        if found and ("+" in opened or not is_amount(text, start, groups[count - 1][1])):
            return count
    return 0


class _Plans:
    """The numbering plans of some countries, and how often they were asked."""

    def __init__(self, countries: Sequence[str], language: str | None) -> None:
        spoken = REGIONS.get(language, REGIONS[None])
        self._home = tuple(countries)
        self._all = tuple(dict.fromkeys([*countries, *spoken]))
        self._asked = 0

    def is_international(self, number: str) -> bool:
        """Whether these digits, behind a plus, are a number of any country."""
        if len(number) == 13 and number.startswith("521"):
            number = "52" + number[3:]  # mobiles of Mexico as WhatsApp still writes them
        return self._known(number, None) is not None

    def is_valid(self, number: str) -> bool:
        """Whether these digits are a number in one of the countries."""
        return any(self._known(number, region) for region in self._all)

    def is_written(self, number: str, sizes: tuple[int, ...], in_brackets: bool) -> bool:
        """Whether these digits, in groups of these sizes, are a phone although no word says so."""
        if len(sizes) == 1 and not in_brackets:
            return self._is_mobile(number)
        if max(sizes[1:], default=0) > 8 or min(sizes[1:], default=2) < 2 or len(sizes) > 5:
            return False
        if in_brackets or sizes in _SHAPES or (number[0] == "0" and (sizes[0] - 1, *sizes[1:]) in _SHAPES):
            return self.is_valid(number)
        return False

    def _is_mobile(self, number: str) -> bool:
        for region in self._all:
            kind = self._known(number, region)
            if kind == "mobile" or (kind == "either" and region in self._home):
                return True
        if len(number) < 11:
            return False
        return any(number.startswith(_calling_code(region)) for region in self._all) and (
            self._known(number, None) in ("mobile", "either")
        )

    def _known(self, number: str, region: str | None) -> str | None:
        """`mobile`, `either` or `other` for a number that exists; None for one that does not."""
        self._asked += 1
        if self._asked > MOST_ASKED:
            return "mobile"
        return _kind(f"+{number}" if region is None else number, region)


@cache
def _library() -> Any:
    """`phonenumberslite`, loaded at the first number; the plan of a country when it is asked for."""
    import phonenumbers

    return phonenumbers


def _calling_code(region: str) -> str:
    return str(_library().country_code_for_region(region))


def _kind(number: str, region: str | None) -> str | None:
    library = _library()
    try:
        parsed = library.parse(number, region)
    except library.NumberParseException:
        return None
    if (
        not library.is_valid_number(parsed)
        if region is None
        else not library.is_valid_number_for_region(parsed, region)
    ):
        return None
    kinds = library.PhoneNumberType
    kind = library.number_type(parsed)
    return {kinds.MOBILE: "mobile", kinds.FIXED_LINE_OR_MOBILE: "either"}.get(kind, "other")
