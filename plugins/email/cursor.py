"""Where the next visit to a folder goes on: small JSON, saved together with the mails it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

# How far back late-comers are looked for, how many mails may be owed, how long a sentence stays on the page.
BACK = 200
MOST_OWED = 200
TOLD = timedelta(days=1)
MARKS = 3
# How long a mail that the server lists and does not give is asked for.
PATIENCE = timedelta(days=1)


@dataclass(slots=True)
class Cursor:
    """What was seen of a folder.

    `uid`: everything up to here was fetched, but for `owed`: uid to the time (ISO) since when the server lists it and
    does not give it. `gaps`: UIDs just below `uid` that were not there when they were passed; a server that names a
    mail late is caught by them. `since` and `until`: up to UID `until` only mail since a day (01-Mar-2026) is wanted.
    `cut`: (uid, times) where the connection broke. `told`: (sentence, since when it is shown). `marks`: what the last
    mails looked like, by UID: the same number on another mail means that the server was restored from a backup.
    """

    validity: int = 0
    uid: int = 0
    since: str = ""
    until: int = 0
    gaps: list[int] = field(default_factory=list)
    owed: dict[int, str] = field(default_factory=dict)
    cut: tuple[int, int] = (0, 0)
    told: tuple[str, str] = ("", "")
    marks: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Cursor:
        """From what was saved; what means nothing counts as not there."""
        data = stored or {}
        cut, told = data.get("cut"), data.get("told")
        return cls(
            validity=_number(data.get("validity")),
            uid=_number(data.get("uid")),
            since=_text(data.get("since")),
            until=_number(data.get("until")),
            gaps=[_number(uid) for uid in data.get("gaps") or ()],
            owed=_by_uid(data.get("owed")),
            cut=(_number(cut[0]), _number(cut[1])) if isinstance(cut, list) and len(cut) == 2 else (0, 0),
            told=(_text(told[0]), _text(told[1])) if isinstance(told, list) and len(told) == 2 else ("", ""),
            marks=_by_uid(data.get("marks")),
        )

    def saved(self) -> dict[str, Any]:
        """As JSON holds it; `of` is the inverse."""
        found: dict[str, Any] = {"validity": self.validity, "uid": self.uid}
        if self.until > self.uid:
            found |= {"since": self.since, "until": self.until}
        if self.gaps:
            found["gaps"] = self.gaps
        if self.owed:
            found["owed"] = {str(uid): at for uid, at in self.owed.items()}
        if self.cut[1]:
            found["cut"] = list(self.cut)
        if self.told[0]:
            found["told"] = list(self.told)
        if self.marks:
            found["marks"] = {str(uid): mark for uid, mark in self.marks.items()}
        return found

    def begin(self, validity: int, next_uid: int, since: str) -> None:
        """Start the folder from its beginning."""
        self.validity, self.uid, self.cut = validity, 0, (0, 0)
        self.gaps, self.owed, self.marks = [], {}, {}
        self.since, self.until = (since, max(0, next_uid - 1)) if since else ("", 0)

    def passed(self, low: int, high: int, there: Iterable[int]) -> None:
        """Everything from `low` to `high` was looked at; `there` are those that exist."""
        found = set(there)
        first = max(low, high - BACK + 1, self.until + 1)
        absent = [uid for uid in range(first, high + 1) if uid not in found]
        self.gaps = [uid for uid in (*self.gaps, *absent) if uid > high - BACK]
        self.uid = high

    def mark(self, marks: Mapping[int, str]) -> None:
        """Remember what the last mails looked like."""
        every = {**self.marks, **marks}
        self.marks = {uid: every[uid] for uid in sorted(every)[-MARKS:]}

    def owe(self, uid: int, now: datetime) -> None:
        """The server lists this mail and does not give it: it is asked for again."""
        if len(self.owed) < MOST_OWED:
            self.owed.setdefault(uid, now.isoformat())

    def overdue(self, now: datetime) -> list[int]:
        """Mails that were asked for long enough."""
        return [uid for uid, at in self.owed.items() if not _within(at, now, PATIENCE)]

    def tell(self, sentence: str, now: datetime) -> None:
        """Show this on the channel's page for a day."""
        self.told = (sentence, now.isoformat())

    def notices(self, now: datetime) -> list[str]:
        """What is shown now."""
        if self.told[0] and not _within(self.told[1], now, TOLD):
            self.told = ("", "")
        said = [self.told[0]] if self.told[0] else []
        if self.owed:
            said.append(f"mails that the server lists and does not give: {len(self.owed)}; they are asked for again")
        return said


def _within(at: str, now: datetime, span: timedelta) -> bool:
    try:
        return now - datetime.fromisoformat(at) <= span
    except (ValueError, TypeError):
        return False


def _by_uid(value: Any) -> dict[int, str]:
    found = value.items() if isinstance(value, dict) else ()
    return {int(uid): _text(item) for uid, item in found if isinstance(uid, str) and uid.isdigit()}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**33 else 0


def _text(value: Any) -> str:
    return value[:500] if isinstance(value, str) else ""
