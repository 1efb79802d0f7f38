"""What goes over the pipe: the contract's values come back as they were, and nothing hostile becomes anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from voc.plugin import Attachment, Author, Field, Form, Inbound, Mail, MailAddress, Page, Pulled, Raw, TryLater
from voc.plugin_host.isolated.wire import Foreign, Unpacked, error_of, pack, raised
from voc.process.frames import HEAD, BadFrame, Unpacker, packed

AT = datetime(2026, 3, 4, 15, 0, tzinfo=timezone(timedelta(hours=-5)))
VALUES = [
    None, True, 0, -1, 10**30, 0.5, "", "ñ \U0001f600 \x00 \ud800", b"", b"\x00\xff" * 1000, (), (1, (2, [3, {}])),
    {"a": {"b": [1, (2,)]}}, {1: "a", None: b"x"}, {"c": 1}, {"x": "type"}, frozenset({"es", "pt"}), AT,
    AT.replace(tzinfo=None), Raw(b"x", "a/b", AT.astimezone(UTC), {"h": "v"}, "1"),
    Inbound("1", "text", score=0, metric="nps", author=Author(email="a@example.com"), facts={"a": [1]}, thread=("x",)),
    Page((Pulled(b"1", "a/b", "1"), Pulled(b"", "a/b", "2")), {"after": 2}, True),
    Form({"es": "t"}, (Field("a", "text", {"es": "b"}),), {"es": "s"}, ("es",)),
    Mail(sender=MailAddress("", "a@example.com"), attachments=(Attachment("n", "t/p", 3, b"abc"),)),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_come_back_as_they_were(value: Any) -> None:
    blobs: list[bytes] = []
    frame = packed({"v": pack((value, value), blobs)}, blobs)
    unpacker = Unpacker()
    # In two pieces, and followed by the next frame.
    assert unpacker.take(frame[:5]) is None
    found = unpacker.take(frame[5:] + frame)
    assert found is not None
    assert Unpacked(found[1]).value(found[0]["v"]) == (value, value)
    again = unpacker.take(b"")
    assert again is not None
    assert Unpacked(again[1]).value(again[0]["v"]) == (value, value)


@pytest.mark.parametrize(
    "node",
    [{}, {"z": 1}, {"c": "os", "f": {}}, {"c": "Raw", "f": {"nope": 1}}, {"c": "Raw"}, {"b": 5}, {"b": -1}, {"b": "1"},
     {"t": 1}, {"t": "soon"}, {"s": [[[1]], {"l": []}]}, {"p": [1]}, {"l": 3}, {"d": []}],
    ids=str,
)  # fmt: skip
def test_what_means_nothing_is_refused(node: Any) -> None:
    with pytest.raises(ValueError):
        Unpacked(memoryview(b"abc")).value(node)


def test_a_stranger_is_only_a_name() -> None:
    for value, name in ((object(), "object"), (Inbound, "type"), (print, "builtin_function_or_method")):
        found = Unpacked(memoryview(b"")).value(pack(value, []))
        assert isinstance(found, Foreign)
        assert type(found).__name__ == name
    assert type(Unpacked(memoryview(b"")).value({"x": "not a name"})).__name__ == "Unknown"


def test_frames_that_cannot_be_are_refused() -> None:
    for head in (HEAD.pack(1 << 31, 0), HEAD.pack(1, 1 << 31), HEAD.pack(1, 0) + b"x"):
        with pytest.raises(BadFrame):
            Unpacker().take(head)


def test_errors_are_words_of_the_contract_or_names() -> None:
    later = raised(error_of(TryLater("shut", after=5)))
    assert isinstance(later, TryLater)
    assert later.after == 5
    stranger = raised(error_of(KeyError("x")))
    assert (type(stranger).__name__, str(stranger)) == ("KeyError", "'x'")
    assert isinstance(raised(error_of(UnicodeDecodeError("a", b"", 0, 1, "b"))), ValueError)
    for odd in (None, [], {"word": "SystemExit"}, {"name": "a b"}, {"word": "TryLater", "after": "soon"}):
        assert isinstance(raised(odd), Exception)
