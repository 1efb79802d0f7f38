"""The guarded JSON reader: everything JSON allows within bounds, a clear refusal for the rest, in linear time."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import grows_linearly
from voc.api.json_guard import MAX_CONTAINERS, MAX_DEPTH, BadJson, loads

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.booleans())
def test_reads_what_json_reads(value: Any, escaped: bool) -> None:
    written = json.dumps(value, ensure_ascii=escaped)
    try:
        data = written.encode()
    except UnicodeEncodeError:
        data = json.dumps(value).encode()
    assert loads(data) == value


@given(st.binary(max_size=300))
def test_bytes_are_a_value_or_refused(data: bytes) -> None:
    with contextlib.suppress(BadJson):
        assert loads(data) == json.loads(data.decode("utf-8-sig"))


@given(st.text(alphabet='[]{}"\\:,1 a', max_size=200))
def test_brackets_and_quotes_in_any_order(text: str) -> None:
    padded = "[" * 40 + '"' + text
    for candidate in (text, padded):
        try:
            expected = json.loads(candidate)
        except ValueError:
            with pytest.raises(BadJson):
                loads(candidate.encode())
        else:
            assert loads(candidate.encode()) == expected


def test_depth_is_exact() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert loads(deepest) == json.loads(deepest)
    with pytest.raises(BadJson, match="deeper than 32"):
        loads(b"[" + deepest + b"]")
    with pytest.raises(BadJson, match="deeper than 32"):
        loads(b'{"a":' * 33 + b"1" + b"}" * 33)


def test_brackets_inside_strings_do_not_count() -> None:
    text = "[{" * 5000 + '\\"' + "}" * 7
    assert loads(json.dumps({"text": text, "more": ["[", "{"]}).encode()) == {"text": text, "more": ["[", "{"]}


def test_many_containers_are_refused() -> None:
    assert len(loads(b"[" + b"[]," * (MAX_CONTAINERS - 2) + b"[]]")) == MAX_CONTAINERS - 1
    with pytest.raises(BadJson, match="arrays and objects"):
        loads(b"[" + b"[]," * MAX_CONTAINERS + b"[]]")


@pytest.mark.parametrize(
    "data",
    [
        b"NaN",
        b'{"score": NaN}',
        b"[Infinity]",
        b"-Infinity",
        b"1" * 5000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"",
        b" ",
        b"{",
        b'"\xff"',
        b'{"a": "\xed\xa0\x80"}',
        '{"a": 1}'.encode("utf-16"),
        b"'a'",
        b'{"a": 1} x',
        b'"a\x00b"',
        b'"a\nb"',
    ],
)
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(BadJson):
        loads(data)


def test_what_fields_have_to_judge_is_let_through() -> None:
    assert loads(b'"\\u0000"') == "\x00"
    assert loads(b'"\\ud800"') == "\ud800"
    assert loads(b"1" * 31) == int("1" * 31)
    assert math.isinf(loads(b"1e999"))
    assert loads(b'{"a": 1, "a": 2}') == {"a": 2}
    assert loads(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "bait",
    [
        lambda size: b'"' + b'\\"' * size,
        lambda size: b"[" * 40 + b'"' + b"\\" * (2 * size),
        lambda size: b"[" * 40 + b'"a",' * size,
        lambda size: b"[" * 40 + b'"' * (2 * size + 1),
        lambda size: b"{" * size + b"}" * size,
        lambda size: b"[" * 40 + b"]" * size,
        lambda size: b"[[" + b"9" * 4000 + b"]" + b",[" * size,
    ],
)
def test_a_megabyte_of_anything_takes_linear_time(bait: Callable[[int], bytes]) -> None:
    def refused(size: int) -> None:
        with pytest.raises(BadJson):
            loads(bait(size))

    assert grows_linearly(refused, 125_000)
