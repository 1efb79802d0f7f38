"""Two readings of one receipt side by side: what differs, and what must not happen."""

from __future__ import annotations

from typing import Any

import pytest

from voc.intake.rereading.compare import WRONG, Comparison, Said, Side, compare


def said(key: bytes = b"a", name: str = "7", moved: frozenset[str] = frozenset(), **fields: Any) -> Said:
    return Said(key, name, {"text": "Malo", "score": 0, **fields}, moved)


def marks(found: Comparison) -> list[str]:
    """Every field as a line of the terminal begins."""
    lines = [*found.lines, *(line for pair in found.pairs for line in pair.lines)]
    return [f"{'=' if line.same else '-+'} {line.field}" for line in lines]


READ = Side("read", None, (said(),))
HELD = Side("quarantined", "there is no text in it")
ROBOT = Side("robot", "an auto-reply")


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (READ, READ, "same"),
        (READ, Side("read", None, (said(score=1),)), "changed"),
        (READ, Side("read", None, (said(), said(b"b", "8"))), "changed"),
        (READ, Side("read", None, (said(b"b", "8"),)), "second"),
        (READ, ROBOT, "lost"),
        (Side("read", None, (said(), said(b"b"))), READ, "lost"),
        (READ, HELD, "unreadable"),
        (ROBOT, HELD, "unreadable"),
        (ROBOT, ROBOT, "same"),
        (ROBOT, READ, "changed"),
        (HELD, READ, "readable"),
        (HELD, ROBOT, "readable"),
        (HELD, HELD, "held"),
        (Side("stored"), READ, "waiting"),
        (Side("stored"), HELD, "waiting"),
    ],
)
def test_verdicts(old: Side, new: Side, verdict: str) -> None:
    found = compare(old, new)
    assert found.verdict == verdict
    assert bool(found.warnings) == (found.verdict in WRONG)


def test_each_field_is_said_once_and_0_is_something() -> None:
    old = Side("read", None, (said(subject="", facts={}, language="es", consent=False),))
    new = Side("read", None, (said(subject="", facts={}, score=3, language="es", consent=False),))
    found = compare(old, new)
    assert marks(found) == ["= state", "= reason", "= text", "-+ score", "= language"]
    (line,) = (line for line in found.pairs[0].lines if not line.same)
    assert (line.old, line.new) == (0, 3)
    gone = compare(READ, Side("read", None, (said(score=None),)))
    assert "-+ score" in marks(gone)


def test_what_a_customer_changed_later_is_no_difference_of_the_code() -> None:
    old = Side("read", None, (said(text="Ya está bien", moved=frozenset({"text"})),))
    assert compare(old, READ).verdict == "same"
    assert compare(old, Side("read", None, (said(score=5),))).verdict == "changed"


def test_another_identity_is_said_with_both_names() -> None:
    found = compare(READ, Side("read", None, (said(b"b", "8"),)))
    assert found.warnings == ("its identity changes: what is stored as 7 would be a second feedback, as 8",)
    assert [(pair.old, pair.new) for pair in found.pairs] == [("7", ""), ("", "8")]


def test_what_another_receipt_brought_is_a_repeat_and_no_second_one() -> None:
    ignored = Side("ignored", "everything in it was read before")
    again = Side("ignored", "everything in it was read before", (said(b"z"),))
    found = compare(ignored, again, elsewhere=frozenset({b"z"}))
    assert (found.verdict, found.pairs) == ("same", ())
    # One of its own is still missed.
    assert compare(READ, again, elsewhere=frozenset({b"z"})).verdict == "lost"
