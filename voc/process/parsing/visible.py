"""What the author wrote now: a mail's text without what it quotes, without signature, without small print.

Own rules for Spanish, Portuguese and English, and quotequail for what other languages' programs write above a quote.
Its patterns need cubic time on long lines, so it only sees two short lines at a time that already look like such a one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from voc.process.parsing import phrases

LONGEST = 200_000
MOST_LINES = 10_000
LONGEST_LINE = 300
MOST_ASKED = 40  # times quotequail is asked in one mail
WRAPPED = 4  # lines over which a program breaks the line above a quote

# A cheap look first: most lines neither begin nor end as those do that the rules are about.
_NOTABLE = re.compile(
    r"[>\-_=*~—–]|(?:on|el|em|en|le|am|op|den|a|no|na|dia|con|data|fecha|il|de|from|von|da|rem|begin|start|forw|orig|men|"
    r"corr|e-?mail|in[ií]|com|reply|resp)",
    re.IGNORECASE,
)
_SMALL = re.compile(
    r"[*_\s\"“(]*(?:env|mand|escr|sent|obt|desc|baix|get|yahoo|corr|blue|proton|libre|sin|livre|virus|no|aviso|conf|nota|"
    r"cl[aá]|disc|legal|est[ea]|el|la|a|o|th|as|antes|pleas|pien|pens|por|cons)",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\n{3,}")
_CUTS = ":>-_=*~—–"


def visible(text: str, *, reply: bool = False) -> str:
    """The new words in `text`; empty when there are none. `reply`: it answers a mail rather than forwards one."""
    lines = [_clean(line) for line in text[:LONGEST].split("\n")[:MOST_LINES]]
    kept, rest = _Sorter(lines).sort()
    new = _without_signature(kept)
    if not _said(new) and rest is not None and not (reply and rest.certain):
        # Nothing above it: a forwarded mail is what the author wants to say.
        new = _without_signature(rest.lines)
    return _BLANKS.sub("\n\n", "\n".join(new)).strip("\n").strip()


def _clean(line: str) -> str:
    """The line without trailing space, but for the one that means something."""
    return line if line == "-- " else line.replace("\u00a0", " ").rstrip()


def _said(lines: Sequence[str]) -> bool:
    return any(line.strip() for line in lines)


class _Rest:
    """What follows a cut. `certain`: it is somebody else's mail for sure."""

    def __init__(self, lines: list[str], *, certain: bool) -> None:
        self.lines = lines
        self.certain = certain


class _Sorter:
    """Takes the lines one after the other and keeps those that are new."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._kept: list[str] = []
        self._asked = 0

    def sort(self) -> tuple[list[str], _Rest | None]:
        """(kept lines, what was cut off at the end)."""
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            if line.startswith(">"):
                at += 1
                continue
            short = line.strip()[:LONGEST_LINE]
            if not short:
                self._kept.append("")
                at += 1
                continue
            if short[-1] not in _CUTS and not _NOTABLE.match(short):
                self._kept.append(line)
                at += 1
                continue
            end = self._above_a_quote(at, short)
            if end is not None:
                if self._marked(end):
                    at = end
                    continue
                if phrases.STRONG.search(" ".join(self._lines[at:end])[: LONGEST_LINE * 2]):
                    return self._kept, _Rest(self._lines[end:], certain=False)
            if len(short) < 4 and phrases.DELIMITER.match(short) and self._signs(at):
                return self._kept, _Rest(self._lines[at + 1 :], certain=False)
            cut = self._cut(at, short)
            if cut is not None:
                return self._kept, cut
            self._kept.append(line)
            at += 1
        return self._kept, None

    def _above_a_quote(self, at: int, line: str) -> int | None:
        """The line behind an introduction such as "El lun, 3 mar 2026, Ana escribió:", None when there is none here."""
        if not phrases.INTRODUCES.match(line):
            if line[-1] in _CUTS and phrases.WROTE.search(line) and phrases.DATED.search(line):
                return at + 1
            return at + 1 if self._foreign(at, line) else None
        joined = ""
        for count in range(WRAPPED):
            part = self._lines[at + count].strip() if at + count < len(self._lines) else ""
            if not part or part.startswith(">"):
                break
            joined = f"{joined} {part}".strip()[: LONGEST_LINE * 2]
            if phrases.WROTE.search(joined) and phrases.DATED.search(joined):
                end = at + count + 1
                return end if joined.endswith(":") or self._marked(end) else None
        return at + 1 if self._foreign(at, line) else None

    def _foreign(self, at: int, line: str) -> bool:
        """Whether quotequail takes this line for the beginning of a quote."""
        if line[-1] not in _CUTS or self._asked >= MOST_ASKED or not phrases.DATED.search(line):
            return False
        from quotequail import quote

        self._asked += 1
        following = self._lines[at + 1].strip()[:LONGEST_LINE] if at + 1 < len(self._lines) else ""
        parts = quote(f"{line}\n{following}", quote_intro_line=True)
        return len(parts) == 2 and not parts[0][1]

    def _marked(self, at: int) -> bool:
        """Whether the next line with anything on it is marked as quoted."""
        for line in self._lines[at : at + 4]:
            if line.strip():
                return line.startswith(">")
        return False

    def _signs(self, at: int) -> bool:
        """Whether a line of two hyphens begins a signature: `-- ` always does, another one only above a few names."""
        if self._lines[at] == "-- ":
            return True
        following = [line for line in self._lines[at + 1 : at + 41] if line.strip() and not line.startswith(">")]
        return len(following) <= 12 and sum(len(line.split()) > 8 for line in following) <= 2

    def _cut(self, at: int, line: str) -> _Rest | None:
        """What is cut off here because another mail begins; None when none does."""
        ruled = line[0] in _CUTS
        if not ruled and ":" not in line:
            return None
        if (ruled or line[-1] == ":") and phrases.FORWARDED.match(line):
            return _Rest(self._behind_headers(at + 1), certain=False)
        if ruled and phrases.ORIGINAL.match(line):
            return _Rest(self._behind_headers(at + 1), certain=True)
        if phrases.RULE.match(line):
            following = next(
                (number for number in range(at + 1, min(at + 4, len(self._lines))) if self._lines[number].strip()), None
            )
            if following is not None and self._headers(following) >= 2:
                return _Rest(self._behind_headers(following), certain=True)
            return None
        if phrases.FLAT_HEADERS.match(line):
            return _Rest(self._lines[at + 1 :], certain=True)
        if self._headers(at) >= 2:
            return _Rest(self._behind_headers(at), certain=True)
        return None

    def _headers(self, at: int) -> int:
        """How many other headers follow a line that names a sender, as Outlook writes them above a quote."""
        if not phrases.SENDER_LINE.match(self._lines[at].strip()[:LONGEST_LINE]):
            return 0
        near = [line.strip()[:LONGEST_LINE] for line in self._lines[at + 1 : at + 9]]
        return sum(any(pattern.match(line) for line in near) for pattern in phrases.HEADER_LINES.values())

    def _behind_headers(self, at: int) -> list[str]:
        """The lines behind a block of headers that may begin here."""
        last = at
        for number in range(at, min(at + 12, len(self._lines))):
            line = self._lines[number].strip()[:LONGEST_LINE]
            if phrases.SENDER_LINE.match(line) or any(p.match(line) for p in phrases.HEADER_LINES.values()):
                last = number + 1
        return [line.removeprefix(">").removeprefix(" ") for line in self._lines[last:]]


def _without_signature(lines: Sequence[str]) -> list[str]:
    """The lines without what programs, lawyers and business cards add at the end."""
    kept = list(lines)
    for number, line in enumerate(kept):
        short = line.strip()[:LONGEST_LINE]
        if not _SMALL.match(short):
            continue
        # Small print goes on to the end; above it there are words, or it is the author's own subject.
        if phrases.DISCLAIMER.match(short) and _said(kept[:number]):
            kept = kept[:number]
            break
        if phrases.MOBILE.match(short) and sum(bool(line.strip()) for line in kept[number + 1 :]) <= 2:
            kept = kept[:number]
            break
    return _without_card(kept)


def _without_card(lines: list[str]) -> list[str]:
    """Without the business card below "Saludos, Ana": the name stays, a line about an order stays everything."""
    written = [number for number, line in enumerate(lines) if line.strip()]
    for place in range(max(0, len(written) - 12), len(written)):
        if not phrases.CLOSING.match(lines[written[place]].strip()[:LONGEST_LINE]):
            continue
        below = [lines[number].strip() for number in written[place + 2 :]]
        card = any(phrases.CONTACT.search(line[:LONGEST_LINE]) for line in below)
        if card and all(len(line) <= 90 and not phrases.BUSINESS.search(line) for line in below):
            return lines[: written[place + 1] + 1]
    return lines
