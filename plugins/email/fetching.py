"""Fetching: one visit to the folder, one page of mails, and where the next visit goes on.

Nothing is skipped: the cursor moves past a mail only together with it, what the server lists and does not give is
asked for again, and a folder that was made anew is fetched from its beginning, where the host recognizes what it has.
"""

from __future__ import annotations

import imaplib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from imap_tools.errors import ImapToolsError

from voc.plugin import Context, Page, Pulled

from .cursor import Cursor
from .inbox import Inbox, opened
from .settings import largest, number, text

MAIL = "message/rfc822"
# What stands for a mail that was not fetched: its headers because it is too large, or only its place.
TOO_LARGE = "text/rfc822-headers"
NOT_GIVEN = "application/vnd.voc.mail-not-given"

PAGE_SIZE = 16_000_000
GROUP_SIZE = 4_000_000
HEAD_SIZE = 200_000
FIRST_SPAN = 10_000
HIGHEST = 2**32 - 1
# Seconds after which no more mails are begun; and how often a mail may break the connection before others go first.
BEGIN = 25.0
MOST_CUTS = 3
BROKEN = "the connection broke while mails were fetched; the rest follows with the next visit"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class _Visit:
    """One visit: what it found so far."""

    inbox: Inbox
    options: Mapping[str, Any]
    cursor: Cursor
    now: datetime
    items: list[Pulled] = field(default_factory=list)
    size: int = 0
    marks: dict[int, str] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    lost: bool = False

    @property
    def full(self) -> bool:
        """Whether the rest waits for the next visit."""
        return self.size >= PAGE_SIZE or time.monotonic() - self.began > BEGIN


def fetch_page(ctx: Context, options: Mapping[str, Any], stored: Mapping[str, Any] | None) -> Page:
    """The next page of the folder; raises TryLater or Misconfigured with words for the channel's page."""
    assert ctx.now is not None  # noqa: S101  (the host always gives one)
    cursor, now = Cursor.of(stored), ctx.now()
    with opened(ctx, options) as inbox:
        visit = _Visit(inbox, options, cursor, now)
        _look_at_the_folder(visit)
        more = _new(visit)
        if not more and not visit.lost:
            # Last, so that a mail at which the server stumbles keeps nobody else waiting.
            _again(visit)
    _give_up(visit)
    cursor.mark({uid: mark for uid, mark in visit.marks.items() if uid <= cursor.uid})
    said = [BROKEN] if visit.lost else []
    return Page(
        items=tuple(visit.items),
        cursor=cursor.saved(),
        more=more and not visit.lost,
        notice="; ".join([*said, *cursor.notices(now)]),
    )


def _look_at_the_folder(visit: _Visit) -> None:
    """Find out whether it is the folder that the cursor speaks of."""
    cursor, inbox = visit.cursor, visit.inbox
    if cursor.validity == 0:
        cursor.begin(inbox.validity, inbox.next_uid, _since(visit))
    elif inbox.validity != cursor.validity:
        cursor.begin(inbox.validity, inbox.next_uid, "")
        sentence = "the folder was made anew on the server; all of it is fetched again, and what is known is recognized"
        cursor.tell(sentence, visit.now)
    elif 0 < inbox.next_uid <= cursor.uid or _other_mails(visit):
        cursor.begin(inbox.validity, inbox.next_uid, "")
        sentence = "the server went back to an older state of the folder; all of it is fetched again"
        cursor.tell(sentence, visit.now)


def _other_mails(visit: _Visit) -> bool:
    """Whether numbers that were seen stand for other mails now, as after a restored backup."""
    marks = visit.cursor.marks
    if not marks or visit.inbox.next_uid == visit.cursor.uid + 1:
        return False
    present = visit.inbox.facts(list(marks))
    return any(mark != marks[uid] for uid, (_, mark) in present.items())


def _since(visit: _Visit) -> str:
    """The first day that is wanted, as IMAP writes it; empty for all."""
    days = number(visit.options, "first_days", 0, 36_500, 0)
    if not days:
        return ""
    day = (visit.now - timedelta(days=days)).date()
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _again(visit: _Visit) -> None:
    """Ask for what is owed, and look for late-comers."""
    cursor = visit.cursor
    wanted = set(cursor.owed)
    if cursor.gaps:
        late = set(_there(visit, cursor.gaps[0], cursor.uid)) & set(cursor.gaps)
        cursor.gaps = [uid for uid in cursor.gaps if uid not in late]
        wanted |= late
    taken = _take(visit, sorted(wanted)) if wanted else set()
    for uid in sorted(wanted):
        if uid not in taken and (visit.lost or visit.full or _listed(visit, uid)):
            cursor.owe(uid, visit.now)
        else:
            cursor.owed.pop(uid, None)


def _new(visit: _Visit) -> bool:
    """The mails behind the cursor; whether there are more."""
    cursor, inbox = visit.cursor, visit.inbox
    low, top = cursor.uid + 1, inbox.next_uid - 1 if inbox.next_uid else None
    found, high = _span(visit, low, top)
    if not found:
        if high >= low:
            cursor.passed(low, high, ())
        return False
    limit = 1 if cursor.cut[1] else number(visit.options, "page_mails", 1, 250, 50)
    page, rest = found[:limit], found[limit:]
    taken = _take(visit, page)
    reached = _settle(visit, low, page, taken)
    if reached == page[-1] and not rest and high > reached:
        cursor.passed(reached + 1, high, ())
    return bool(rest) or reached < page[-1] or (top is not None and cursor.uid < top)


def _span(visit: _Visit, low: int, top: int | None) -> tuple[list[int], int]:
    """(the next UIDs that are there, how far was looked): in growing steps, since a folder may be one large hole."""
    if top is None:
        found = visit.inbox.uids(low, None)
        return found, found[-1] if found else 0
    span = FIRST_SPAN
    high = low - 1
    while high < top and not visit.full:
        first, high = high + 1, min(top, high + span)
        # Where only the last days are wanted, the older mails of the first time are as good as not there.
        last = min(high, visit.cursor.until) if first <= visit.cursor.until else high
        high = last
        found = visit.inbox.uids(first, last, visit.cursor.since if last <= visit.cursor.until else "")
        if found:
            return found, high
        span *= 2
    return [], high


def _settle(visit: _Visit, low: int, page: Sequence[int], taken: set[int]) -> int:
    """Move the cursor as far as the mails are here or owed; returns the UID it reached."""
    cursor, reached = visit.cursor, low - 1
    for uid in page:
        if uid not in taken:
            if visit.lost and not _breaks(cursor, uid):
                break
            if visit.full and not visit.lost and reached >= low:
                break
            if visit.lost or _listed(visit, uid):
                cursor.owe(uid, visit.now)
        reached = uid
    if reached >= low:
        cursor.passed(low, reached, [uid for uid in page if uid <= reached])
        if not visit.lost:
            cursor.cut = (0, 0)
    return reached


def _breaks(cursor: Cursor, uid: int) -> bool:
    """Whether the connection broke at this mail so often that the others go first."""
    times = cursor.cut[1] + 1 if cursor.cut[0] == uid else 1
    cursor.cut = (uid, times)
    if times < MOST_CUTS:
        return False
    cursor.cut = (0, 0)
    return True


def _take(visit: _Visit, uids: Sequence[int]) -> set[int]:
    """Fetch these mails in groups; returns those that are settled. `lost` when the connection broke on the way."""
    taken: set[int] = set()
    try:
        facts = visit.inbox.facts(uids)
        visit.marks |= {uid: mark for uid, (_, mark) in facts.items()}
        sizes = {uid: size for uid, (size, _) in facts.items()}
        for group in _groups([uid for uid in uids if uid in sizes], sizes, largest(visit.options)):
            if visit.full:
                break
            taken |= _take_group(visit, group, sizes)
    except (imaplib.IMAP4.abort, ImapToolsError, OSError):
        visit.lost = True
    return taken


def _groups(uids: Sequence[int], sizes: Mapping[int, int], limit: int) -> list[list[int]]:
    """Mails that are fetched with one command: together not large; one that is too large stands alone."""
    groups: list[list[int]] = []
    held = 0
    for uid in uids:
        size = sizes[uid]
        alone = size > limit
        if not groups or alone or held + size > GROUP_SIZE or held < 0:
            groups.append([])
            held = 0
        groups[-1].append(uid)
        held = -1 if alone else held + size
    return groups


def _take_group(visit: _Visit, group: Sequence[int], sizes: Mapping[int, int]) -> set[int]:
    limit = largest(visit.options)
    if sizes[group[0]] > limit:
        body = visit.inbox.head(group[0], HEAD_SIZE)
        _add(visit, group[0], body, TOO_LARGE, size=str(sizes[group[0]]), limit=str(limit))
        return set(group)
    bodies = visit.inbox.bodies(group, sum(sizes[uid] for uid in group))
    # One that the server stumbles over must not hide its neighbors.
    for uid in [uid for uid in group if uid not in bodies and len(group) > 1]:
        bodies |= visit.inbox.bodies([uid], sizes[uid])
    for uid in group:
        if uid in bodies:
            _add(visit, uid, bodies[uid], MAIL)
    return set(bodies)


def _add(visit: _Visit, uid: int, body: bytes, content_type: str, **more: str) -> None:
    where = {"folder": text(visit.options, "imap_folder") or "INBOX", "uid": str(uid)}
    visit.items.append(Pulled(body, content_type, f"{visit.cursor.validity}:{uid}", {**where, **more}))
    visit.size += len(body)


def _listed(visit: _Visit, uid: int) -> bool:
    """Whether the server still says that this mail is there; somebody may have deleted it."""
    return bool(_there(visit, uid, uid)) or visit.lost


def _there(visit: _Visit, low: int, high: int) -> list[int]:
    """UIDs that are there; none when the connection breaks."""
    try:
        return visit.inbox.uids(low, high)
    except (imaplib.IMAP4.abort, ImapToolsError, OSError):
        visit.lost = True
        return []


def _give_up(visit: _Visit) -> None:
    """A mail that was asked for in vain for a day is reported, so that a person can look at it."""
    for uid in visit.cursor.overdue(visit.now):
        del visit.cursor.owed[uid]
        _add(visit, uid, f"{visit.cursor.validity}:{uid}".encode(), NOT_GIVEN)
