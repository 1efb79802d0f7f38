"""Finding personal data: each kind in turn, what was found covered before the next one looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from voc.analysis.personal import identity, phones, places
from voc.analysis.personal.known import known_values
from voc.analysis.personal.marks import COVER, PHONE_COVER, Kind
from voc.analysis.personal.plain import Sheet, sheet
from voc.analysis.personal.words import CODE, PHONE, said_before
from voc.core import personal as traces

Spans = Iterable[tuple[int, int]]

# What is covered may leave a number beside a new neighbor; one more look finds it, and this many always suffice.
_MOST_LOOKS = 6
_AN_AT = r"\s?(?:\(at\)|\[at\]|\(?\barroba\b\)?|\s@\s)\s?"
_A_DOT = r"(?:\s?(?:\(dot\)|\bpunto\b|\bponto\b)\s?|\.)"
_SPELT = re.compile(
    rf"(?<![\w.])[\w.+-]{{1,64}}{_AN_AT}[a-z0-9][a-z0-9-]{{0,62}}(?:{_A_DOT}[a-z0-9-]{{2,24}}){{1,3}}", re.IGNORECASE
)
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data at a half-open span of code points of the original text."""

    start: int
    end: int
    kind: Kind


def find(
    text: str,
    *,
    language: str | None = None,
    countries: Sequence[str] = (),
    known: Sequence[tuple[Kind, str]] = (),
) -> list[Found]:
    """Personal data in `text`, in order, without overlaps.

    `language` (es, pt, en, None: not known) and `countries` (ISO codes of the house) tell how phones are written;
    `known` are values that are known to be this person's: a name, an e-mail address.
    """
    paper = sheet(text)
    found: list[Found] = []
    for _ in range(_MOST_LOOKS):
        before = len(found)
        for kind, search in _searches(paper, language, countries, known):
            spans = _apart(search(paper.text))
            paper.cover([(start, end, PHONE_COVER if kind is Kind.PHONE else COVER) for start, end in spans])
            found += [Found(*paper.original(start, end), kind) for start, end in spans]
        if len(found) == before:
            break
    return sorted(found, key=lambda item: item.start)


def _searches(
    paper: Sheet, language: str | None, countries: Sequence[str], known: Sequence[tuple[Kind, str]]
) -> list[tuple[Kind, Callable[[str], Spans]]]:
    """What there is to look for in this text, the surest first."""
    searches: list[tuple[Kind, Callable[[str], Spans]]] = []
    if "@" in paper.text or "arroba" in paper.text.lower() or "at)" in paper.text or "at]" in paper.text:
        searches.append((Kind.EMAIL, _emails))
    if _DIGITS.search(paper.text):
        searches += [
            (Kind.ACCOUNT, identity.accounts),
            (Kind.CARD, _cards),
            (Kind.IDENTITY, identity.identity_numbers),
            (Kind.PHONE, partial(phones.phones, language=language, countries=countries)),
            (Kind.ADDRESS, places.addresses),
        ]
    for kind in dict.fromkeys(kind for kind, _ in known):
        values = [value for its, value in known if its is kind]
        searches.append((kind, partial(known_values, values=values, in_parts=kind is Kind.NAME)))
    return searches


def _emails(text: str) -> Spans:
    return chain(traces.emails(text), (match.span() for match in _SPELT.finditer(text)))


def _cards(text: str) -> Spans:
    """Cards, but not the number of an order or a phone that no network of cards would give out."""
    for start, end in traces.cards(text):
        digits = "".join(_DIGITS.findall(text[start:end]))
        if traces.is_of_a_network(digits) or not said_before(text, start) & {CODE, PHONE}:
            yield start, end


def _apart(spans: Spans) -> list[tuple[int, int]]:
    """Rising spans without overlaps; of two that overlap the one that begins first, then the longer one."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end))
    return apart
