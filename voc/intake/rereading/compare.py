"""Two readings of one receipt side by side, field by field. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

# same: nothing differs. changed: the same feedback, other fields, state or reason. readable: it could not be read, and
# can now. waiting: it was not read yet. held: it could not be read, and cannot now. gone: its body is not kept any
# more. second: under another identity, so it would be a second feedback. lost: some of its feedback would not be read.
# unreadable: it was read, and could not be any more.
Verdict = Literal["same", "changed", "readable", "waiting", "held", "gone", "second", "lost", "unreadable"]
# What must not happen to a receipt that was read.
WRONG: frozenset[Verdict] = frozenset({"second", "lost", "unreadable"})
QUARANTINED, STORED = "quarantined", "stored"


@dataclass(frozen=True, slots=True)
class Said:
    """One feedback: `key` is the same on both sides when it is the same feedback, `name` what people know it by (an id
    of ours, or the vendor's). `moved` are fields that somebody changed since it was read."""

    key: bytes
    name: str
    fields: Mapping[str, Any]
    moved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Side:
    """What one reading made of a receipt; `others` are its edits, deletions and reports, and what its
    feedback answers, in words."""

    state: str
    reason: str | None = None
    said: tuple[Said, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both sides."""

    field: str
    old: Any
    new: Any

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return bool(self.old == self.new)


@dataclass(frozen=True, slots=True)
class Pair:
    """One feedback on both sides; `old` or `new` is empty when it is on one side only."""

    old: str
    new: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All of it. `warnings` say what must not happen, in sentences."""

    verdict: Verdict
    lines: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    others: tuple[str, ...]
    warnings: tuple[str, ...]


def compare(old: Side, new: Side, *, elsewhere: frozenset[bytes] = frozenset()) -> Comparison:
    """What is stored and what the code says now. `elsewhere` are keys of what other receipts have brought: a
    repeat."""
    fresh = [item for item in new.said if item.key not in elsewhere]
    mine = {item.key: item for item in old.said}
    known = {item.key for item in new.said}
    missing = [item for item in old.said if item.key not in known]
    added = [item for item in fresh if item.key not in mine]
    pairs = [_pair(mine[item.key], item) for item in fresh if item.key in mine]
    pairs += [_pair(item, None) for item in missing] + [_pair(None, item) for item in added]
    lines = (Line("state", old.state, new.state), Line("reason", old.reason, new.reason))
    differs = not all(line.same for line in (*lines, *(line for pair in pairs for line in pair.lines)))
    verdict = _verdict(old, new, missing, added, differs=differs)
    return Comparison(verdict, lines, tuple(pairs), new.others, tuple(_warnings(verdict, old, new, missing, added)))


def _verdict(old: Side, new: Side, missing: Sequence[Said], added: Sequence[Said], *, differs: bool) -> Verdict:
    if old.state == STORED:
        return "waiting"
    if new.state == QUARANTINED:
        return "held" if old.state == QUARANTINED else "unreadable"
    if missing:
        return "second" if added else "lost"
    if old.state == QUARANTINED:
        return "readable"
    return "changed" if differs else "same"


def _warnings(verdict: Verdict, old: Side, new: Side, missing: Sequence[Said], added: Sequence[Said]) -> list[str]:
    if verdict == "unreadable":
        return [f"it was {old.state}, and can no longer be read: {new.reason}"]
    if verdict == "second":
        names = ", ".join(item.name for item in added)
        olds = ", ".join(item.name for item in missing)
        return [f"its identity changes: what is stored as {olds} would be a second feedback, as {names}"]
    if verdict == "lost":
        return [f"feedback {item.name} would no longer be read in it" for item in missing]
    return []


def _pair(old: Said | None, new: Said | None) -> Pair:
    names = dict.fromkeys((*(old.fields if old else ()), *(new.fields if new else ())))
    moved = old.moved if old else frozenset()
    lines = (
        Line(name, old.fields.get(name) if old else None, new.fields.get(name) if new else None)
        for name in names
        if not (new and name in moved)
    )
    return Pair(old.name if old else "", new.name if new else "", tuple(line for line in lines if _worth(line)))


def _worth(line: Line) -> bool:
    """Whether there is something on either side; 0 is something."""
    return any(value is not None and value is not False and value not in ("", [], {}) for value in (line.old, line.new))
