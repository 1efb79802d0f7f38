"""Traces of people in text that need no library: e-mail addresses, payment cards, long numbers.

Enough for logs, and the ground on which `voc.analysis.personal` builds. Time is linear in the text, whatever the text:
no pattern repeats what another repetition before it could have taken, and each looks at a bounded piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What a local part may hold; the quoted form is not used by people.
_LOCAL = r"[^\W_]|[_.!#$%&'*+/=?^`{|}~-]"
_LOCAL_END = re.compile(rf"(?:{_LOCAL}){{1,64}}\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,62})\.){1,8}(?:xn--[a-z0-9-]{1,59}|[^\W\d_]{2,24})", re.IGNORECASE)
# Signs that a local part may hold and that stand before an address more often than in it.
_LEADING = "'`{|}=/#*&!?%^$~.-"

DIGITS_OF_A_CARD = range(13, 20)
# A number of a card: digits in one piece, or groups with one space or dash between them, not inside a longer word.
_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,40}(?:[ -][0-9]{1,40}){0,40}(?![0-9A-Za-z])")
_GROUP = re.compile(r"[0-9]+")
# How the networks print their numbers.
_PRINTED = frozenset({(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (8, 8)})


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans of e-mail addresses; `@ana@example.social` counts from its first sign."""
    after = 0
    at = text.find("@")
    while at >= 0:
        found = _email_at(text, at, after)
        if found:
            yield found
            after = found[1]
        at = text.find("@", max(at + 1, after))


def _email_at(text: str, at: int, after: int) -> tuple[int, int] | None:
    domain = _DOMAIN.match(text, at + 1)
    if domain is None:
        return None
    local = _LOCAL_END.search(text[max(after, at - 64) : at])
    if local is None:
        return None
    said = local.group().lstrip(_LEADING)
    if not said:
        return None
    start = at - len(said)
    if start > after and text[start - 1] == "@":
        start -= 1
    return start, domain.end()


def luhn(digits: str) -> bool:
    """Whether the last of these ASCII digits is the check digit of the others (ISO/IEC 7812)."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = ord(sign) - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_of_a_network(digits: str) -> bool:
    """Whether a network of cards gives out numbers that begin like this, of this length."""
    size, two, three, four = len(digits), int(digits[:2]), int(digits[:3]), int(digits[:4])
    if digits[0] == "4":
        return size in (13, 16, 19)
    if two in (34, 37):
        return size == 15
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return size == 16
    if two in (36, 38, 39) or 300 <= three <= 305:
        return 14 <= size <= 19
    # Discover, JCB, UnionPay, Maestro, and the cards of one country (Elo, Hipercard, Naranja, Cabal, Carnet).
    return size >= 16 and (two in (50, 56, 57, 58, 62, 65) or two in (60, 63, 64, 67) or 3528 <= four <= 3589)


def cards(text: str) -> Iterator[tuple[int, int]]:
    """Half-open spans of numbers that may be cards: 13 to 19 digits that pass the Luhn check and are the whole number.

    Inside a longer run of groups only what is printed as cards are, of a network that exists, is one.
    """
    for run in _DIGIT_RUN.finditer(text):
        # Behind a plus it is a phone.
        if run.end() - run.start() < DIGITS_OF_A_CARD.start or text[run.start() - 1 : run.start()] == "+":
            continue
        groups = [(run.start() + m.start(), run.start() + m.end()) for m in _GROUP.finditer(run.group())]
        digits = "".join(text[start:end] for start, end in groups)
        plausible = len(groups) == 1 or (len(groups) <= 6 and all(end - start > 2 for start, end in groups[:-1]))
        if plausible and len(digits) in DIGITS_OF_A_CARD and luhn(digits) and digits.strip("0"):
            yield run.span()
        else:
            yield from _printed(text, groups)


def _printed(text: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Cards among these groups, in the shape in which they are printed."""
    sizes = tuple(end - start for start, end in groups)
    first = 0
    while first < len(groups):
        for count in (5, 4, 3, 2, 1):
            chosen = groups[first : first + count]
            fits = len(chosen) == count and (
                sizes[first : first + count] in _PRINTED or (count == 1 and sizes[first] > 12)
            )
            digits = "".join(text[start:end] for start, end in chosen) if fits else ""
            if len(digits) in DIGITS_OF_A_CARD and is_of_a_network(digits) and luhn(digits):
                yield chosen[0][0], chosen[-1][1]
                first += count
                break
        else:
            first += 1


# Left alone in a log: ids, times, addresses of machines, decimal fractions. Any other number of eight digits or
# more, or of seven behind a plus, is taken for somebody's: phone, card, identity number.
_LOGGED = re.compile(
    r"(?P<kept>(?<![0-9A-Za-z])(?:"
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?:[+-][0-9]{2}:?[0-9]{2})?)?"
    r"|[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
    r"|[0-9]{1,12}\.[0-9]{4,20}"
    r")(?![0-9A-Za-z]))"
    r"|(?P<number>(?<![0-9A-Za-z])\+?\(?[0-9](?:[ .()/-]{0,2}[0-9]){6,40}(?:-?[kK])?(?![0-9A-Za-z]))"
    r"|(?P<run>(?<![0-9A-Za-z])[0-9]{42,}(?![0-9A-Za-z]))",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` as a log may keep it: e-mail addresses as `[e-mail]`, cards as `[card]`, other long numbers as `[number]`.

    Names and words stay what they are: whoever writes to a log names people by their ids.
    """
    if "@" in text:
        text = _replaced(text, emails(text), "[e-mail]")
    if sum(map(text.count, "0123456789")) < 7:
        return text
    return _LOGGED.sub(_number, _replaced(text, cards(text), "[card]"))


def _number(match: re.Match[str]) -> str:
    said = match.group()
    count = sum(sign.isdigit() for sign in said)
    return said if match["kept"] or count < (7 if said[0] in "+(" else 8) else "[number]"


def _replaced(text: str, spans: Iterator[tuple[int, int]], mark: str) -> str:
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], mark]
        done = end
    return "".join([*pieces, text[done:]])
