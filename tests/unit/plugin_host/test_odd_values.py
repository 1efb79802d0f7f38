"""What a plugin may keep, wish and be given, when it is something odd: refused the same on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from voc.core.errors import Temporary
from voc.plugin import Option, Options
from voc.plugin_host.context import _with


@pytest.mark.parametrize(
    "value", ["a\x00b", {"a\x00": 1}, "\ud800", float("nan"), float("inf"), object(), "x" * 10_001]
)
def test_what_cannot_be_kept_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="a plugin "):
        _with({}, "key", value, "plugin")


@pytest.mark.parametrize("value", ["a\\u0000b", "ñ", 0, [1.5, None], {"a": {"b": "\\"}}])
def test_what_looks_odd_and_is_not_is_kept(value: Any) -> None:
    assert _with({"other": 1}, "key", value, "plugin") == {"other": 1, "key": value}


@pytest.mark.parametrize(
    ("kind", "value"), [("list", 5), ("list", True), ("list", {"a": 1}), ("number", float("inf")), ("number", [1])]
)
def test_a_value_of_another_kind_is_an_error_of_its_option(kind: Any, value: Any) -> None:
    assert list(Options(Option("x", "", kind)).check({"x": value})[1]) == ["x"]


@pytest.mark.parametrize("wish", [float("nan"), -1, "soon", None])
def test_a_wish_that_is_no_time_is_none(wish: Any) -> None:
    assert Temporary("not now", after=wish).after is None
