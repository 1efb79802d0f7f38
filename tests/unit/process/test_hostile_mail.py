"""Hostile mail: it ends in time and memory, what can be read is read, and the next mail is read as if nothing was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.process import hostile_mail as hostile
from voc.process.limited import MB, Limits, Unable
from voc.process.mail_reader import MailReader


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    """One reader for all: each mail meets the child that the one before left."""
    found = MailReader(size=1)
    yield found
    found.close()


@pytest.mark.parametrize("name", hostile.READABLE)
def test_ugly_mail_is_read(reader: MailReader, name: str) -> None:
    found = reader.mail(hostile.READABLE[name]())
    assert "hola" in found["visible"]
    for text in (found["text"], found["visible"], found["subject"], *found["headers"].values()):
        text.encode("utf-8")
        assert "\0" not in text
    assert sum(map(len, found["headers"].values())) < 200_000


@pytest.mark.parametrize("name", hostile.CHARSETS)
def test_charsets_that_lie(reader: MailReader, name: str) -> None:
    assert reader.mail(hostile.in_charset(name))["visible"] == "hola, señor"


@pytest.mark.parametrize("name", hostile.UNREADABLE)
def test_what_cannot_be_read_says_why(reader: MailReader, name: str) -> None:
    with pytest.raises(Unable) as caught:
        reader.mail(hostile.UNREADABLE[name]())
    assert 5 < len(str(caught.value)) < 600
    assert reader.mail(hostile.HEAD + b"\r\nhola")["visible"] == "hola"


def test_a_mail_that_takes_too_long_is_given_up() -> None:
    reader = MailReader(size=1, limits=Limits(wall=0.2))
    with pytest.raises(Unable, match=r"took more than 0\.2 seconds"):
        reader.mail(hostile.MIXED + b"--b\r\n\r\nhola\r\n" * 400_000 + b"--b--")
    reader.close()


def test_a_mail_that_takes_too_much_memory_is_given_up() -> None:
    reader = MailReader(size=1, limits=Limits(memory=96 * MB))
    with pytest.raises(Unable, match="memory"):
        reader.mail(hostile.HEAD + b"\r\n" + b"\r\n" * 4_000_000)
    assert reader.mail(hostile.HEAD + b"\r\nhola")["visible"] == "hola"
    reader.close()


@pytest.mark.slow
def test_a_line_of_nearly_forty_megabytes(reader: MailReader) -> None:
    found = reader.mail(hostile.HEAD + b"\r\nhola " + b"x" * (39 * MB))
    assert found["truncated"]
    assert found["visible"].startswith("hola")


def test_files_beyond_the_limit_are_named_and_left_in_the_raw_mail(reader: MailReader) -> None:
    files = [(f"f{number}.bin", "application/octet-stream", bytes([number]) * 9_000_000) for number in range(3)]
    found = reader.mail(hostile.mixed(*files))
    assert [(name, size, len(body)) for name, _, size, body in found["attachments"]] == [
        ("f0.bin", 9_000_000, 9_000_000),
        ("f1.bin", 9_000_000, 9_000_000),
        ("f2.bin", 9_000_000, 0),
    ]
    assert found["truncated"]


@pytest.mark.parametrize("html", ["", "<", "<a " * 300_000, "&#" + "1" * 9999 + ";", "\ud800", "<p>hola" * 100_000])
def test_hostile_html_becomes_text(reader: MailReader, html: str) -> None:
    text = reader.text_of_html(html)
    text.encode("utf-8")
    assert len(text) <= 300_000
