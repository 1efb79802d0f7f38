"""Logs carry ids, not people: whatever a library put into a message, a field or an exception."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import grows_linearly
from voc.core import logs
from voc.core.personal import cards, emails, masked

PLANTED = [
    "ana.quispe@example.pe",
    "+51 987 654 321",
    "4111 1111 1111 1111",
    "4111111111111111",
    "12.345.678-5",
    "987654321",
]
SAID = "ana.quispe@example.pe, +51 987 654 321, 4111 1111 1111 1111, 4111111111111111, 12.345.678-5, 987654321"


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the log writes, in both forms."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(level="info", style=request.param)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)


def test_nobody_is_named(written: io.StringIO) -> None:
    log = logging.getLogger("voc.test")
    log.warning("could not read %s", SAID)
    log.warning(SAID)
    log.warning(
        "with fields", extra={"reason": SAID, "all": [SAID, {SAID: SAID}], "rows": 987654321, "error": OSError(SAID)}
    )
    log.warning("with a stack", extra={"reason": SAID}, stack_info=True)
    try:
        try:
            raise KeyError(SAID)
        except KeyError as error:
            raise ValueError(f"no field in {SAID}") from error
    except ValueError:
        log.exception("work failed")
    text = written.getvalue()
    assert [
        item for item in PLANTED if item in text.replace("rows=987654321", "").replace('"rows": 987654321', "")
    ] == []
    assert text.count("[e-mail]") >= 9
    assert "KeyError" in text
    assert "ValueError: no field in [e-mail], [number], [card], [card], [number]" in text
    assert "rows=987654321" in text or '"rows": 987654321' in text, "plain numbers are counts"


def test_arguments_that_do_not_fit_lose_nothing_and_name_nobody(written: io.StringIO) -> None:
    record = logging.LogRecord("voc.test", logging.WARNING, __file__, 1, "two %s and %s", (SAID,), None)
    logging.getLogger().handlers[0].handle(record)
    text = written.getvalue()
    assert "two %s and %s" in text
    assert [item for item in PLANTED if item in text] == []


def test_lines_stay_what_they_were(written: io.StringIO) -> None:
    harmless = {
        "work_id": "0190a1b2-1234-7123-8123-123456789012",
        "at": "2026-03-04T15:00:00.123456+00:00",
        "address": "http://127.0.0.1:8080/s/abc",
        "share": 0.123456789,
        "seconds": "0.1234567891",
        "file": "voc/cases/answer.py",
    }
    logging.getLogger("voc.test").warning("work failed", extra=harmless)
    text = written.getvalue()
    for value in harmless.values():
        assert str(value) in text
    assert "[" not in text
    if text.startswith("{"):
        assert {**json.loads(text), **harmless} == json.loads(text)


def test_other_handlers_see_the_record_as_it_is(written: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger().addHandler(caplog.handler)
    logging.getLogger("voc.test").warning("said by %s", "ana@example.pe")
    assert caplog.records[-1].getMessage() == "said by ana@example.pe"
    assert "said by [e-mail]" in written.getvalue()


@given(st.text() | st.text(alphabet="0123456789 -+@.a(", max_size=60))
def test_masked_once_is_masked(text: str) -> None:
    once = masked(text)
    assert list(emails(once)) == []
    assert list(cards(once)) == []
    assert masked(once) == once


@pytest.mark.parametrize("bait", ["1", "@", " ", "a@", "a@a.", "1 ", "4111 ", "a.", "12.", "1-", "(1", "+1", "1.1234 "])
def test_hostile_text_takes_linear_time(bait: str) -> None:
    assert grows_linearly(lambda size: masked((bait * size)[:size]), 20_000)
