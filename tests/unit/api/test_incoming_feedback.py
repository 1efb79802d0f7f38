"""The body of POST /api/v1/feedback: every rule of every field, all errors at once, and never an exception."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.api.fields import MAX_WHOLE
from voc.api.incoming import columns, read
from voc.core.text import is_storable
from voc.core.vocabulary import SCALES, Metric

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def errors_of(body: Any) -> dict[str, list[str]]:
    return read(body, slug="api-shop", now=NOW)[1]


def row_of(body: Any) -> dict[str, Any]:
    values, errors = read(body, slug="api-shop", now=NOW)
    assert errors == {}
    return columns(values)


def test_least_bodies() -> None:
    assert row_of({"text": "Bien"})["text"] == "Bien"
    row = row_of({"metric": "nps", "score": 0})
    assert (row["metric"], row["score"], row["text"]) == (Metric.NPS, 0, None)
    assert row["consent"] is False
    assert row["facts"] == {}
    assert row["author"] is None


def test_everything() -> None:
    row = row_of(
        {
            "text": " Llegó tarde\r\ny roto ",
            "metric": "ces",
            "score": 7,
            "customer": {
                "external_id": "C-1",
                "email": "ana@example.com",
                "phone": "+51 (1) 987-654",
                "name": "Ana\n R",
            },
            "language": "pt-BR",
            "sent_at": "2026-03-04T10:00:00-05:00",
            "channel": "api-shop",
            "unit": "Lima",
            "facts": {"order": "A", "n": 0, "x": 1.5, "express": False, "none": None},
            "consent": True,
        }
    )
    assert row == {
        "text": " Llegó tarde\ny roto ",
        "metric": Metric.CES,
        "score": 7,
        "language_hint": "pt",
        "sent_at": datetime(2026, 3, 4, 15, 0, tzinfo=UTC),
        "author": {
            "name": "Ana R",
            "email": "ana@example.com",
            "phone": "+51 (1) 987-654",
            "external_id": "C-1",
            "verified": True,
        },
        "consent": True,
        "unit": "Lima",
        "facts": {"order": "A", "n": 0, "x": 1.5, "express": False, "none": None},
    }


def test_only_an_external_id_is_verified() -> None:
    assert row_of({"text": "a", "customer": {"email": "ana@example.com"}})["author"]["verified"] is False
    assert row_of({"text": "a", "customer": {"external_id": " "}})["author"] is None
    assert row_of({"text": "a", "customer": {}})["author"] is None


def test_null_is_absent() -> None:
    names = ("metric", "score", "customer", "language", "sent_at", "channel", "unit", "facts", "consent")
    assert row_of({"text": "a", **dict.fromkeys(names)}) == row_of({"text": "a"})


@pytest.mark.parametrize("metric", list(Metric))
def test_scales(metric: Metric) -> None:
    low, high = SCALES[metric]
    for score in range(low, high + 1):
        assert row_of({"metric": metric.value, "score": score})["score"] == score
    for score in (low - 1, high + 1, 10**30, -(10**30)):
        assert set(errors_of({"metric": metric.value, "score": score})) == {"score"}


@pytest.mark.parametrize("score", [True, False, 3.0, 3.5, "3", [3], {}, float("inf"), 10**30])
def test_a_score_is_an_integer_on_its_scale(score: Any) -> None:
    assert set(errors_of({"metric": "nps", "score": score})) == {"score"}


def test_metric_and_score_come_together() -> None:
    assert set(errors_of({"metric": "nps"})) == {"score"}
    assert set(errors_of({"score": 3})) == {"metric"}
    assert set(errors_of({"text": "a", "score": None, "metric": "nps"})) == {"score"}
    assert set(errors_of({"metric": "loyalty", "score": 3})) == {"metric"}
    assert set(errors_of({"metric": "loyalty", "score": "x"})) == {"metric", "score"}


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": " \n\t"}, {"text": None}, {"unit": "Lima"}])
def test_something_must_be_said(body: Any) -> None:
    assert set(errors_of(body)) == {"text"}


@pytest.mark.parametrize("body", [[], "a", 1, None, True, [{"text": "a"}]])
def test_the_body_is_an_object(body: Any) -> None:
    assert set(errors_of(body)) == {"body"}


def test_all_errors_at_once_with_nested_names() -> None:
    found = errors_of(
        {
            "text": 5,
            "metric": "nps",
            "score": 11,
            "customer": {"email": "nobody", "mail": "x", "phone": "call me", "external_id": 7},
            "language": "español",
            "sent_at": "2026-03-04T10:00:00",
            "channel": "another",
            "unit": "x" * 121,
            "facts": {"deep": {"a": 1}, "big": 2**60, "ok": 1},
            "consent": "yes",
            "extra": 1,
        }
    )
    assert set(found) == {
        *("text", "score", "customer.email", "customer.mail", "customer.phone", "customer.external_id", "language"),
        *("sent_at", "channel", "unit", "facts.deep", "facts.big", "consent", "extra"),
    }
    assert all(texts and all(isinstance(text, str) for text in texts) for texts in found.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "{}"),
        ("unit", "{}"),
        ("channel", "{}"),
        ("customer.name", "{}"),
        ("customer.external_id", "{}"),
        ("customer.email", "{}@example.com"),
        ("language", "{}"),
        ("sent_at", "2026-03-04T10:00:00Z{}"),
        ("facts.order", "{}"),
        ("metric", "nps{}"),
    ],
)
@pytest.mark.parametrize("bad", ["a\x00b", "\ud800", "x\udfffy"])
def test_nul_and_lone_surrogates_are_named(name: str, value: str, bad: str) -> None:
    body: dict[str, Any] = {"text": "a"}
    if name == "metric":
        body["score"] = 3
    place, _, inner = name.rpartition(".")
    (body.setdefault(place, {}) if place else body)[inner] = value.format(bad)
    assert set(errors_of(body)) == {name}


def test_names_of_facts() -> None:
    assert errors_of({"text": "a", "facts": {"\ud800": 1}})
    assert errors_of({"text": "a", "facts": {"": 1}})
    assert errors_of({"text": "a", "facts": {"x" * 61: 1}})
    assert row_of({"text": "a", "facts": {"x" * 60: MAX_WHOLE}})
    assert set(errors_of({"text": "a", "facts": {"n": float("inf")}})) == {"facts.n"}
    assert set(errors_of({"text": "a", "facts": {f"f{n}": n for n in range(51)}})) == {"facts"}
    assert set(errors_of({"text": "a", "facts": [1]})) == {"facts"}


def test_lengths() -> None:
    assert row_of({"text": "x" * 100_000})
    assert set(errors_of({"text": "x" * 100_001})) == {"text"}
    assert set(errors_of({"text": "a", "customer": {"name": "x" * 201, "email": "x" * 330 + "@example.com"}})) == {
        "customer.name",
        "customer.email",
    }


@pytest.mark.parametrize("size", [101, 20_000])
def test_many_fields_are_refused_quickly(size: int) -> None:
    many = {f"f{n}": n for n in range(size)}
    assert set(errors_of({**many, "text": "a"})) == {"body"}
    assert set(errors_of({"text": "a", "customer": many})) == {"body"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-04T15:00:00Z", NOW),
        ("2026-03-04T10:00:00-05:00", NOW),
        ("2026-03-05T15:00:00+00:00", NOW + timedelta(days=1)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert row_of({"text": "a", "sent_at": text})["sent_at"] == moment


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-04", "2026-03-04T10:00:00", "10:00", "yesterday", "", 0, 1.5, True, [], {}),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-05T15:00:02Z", "1969-12-31T23:59:59Z"),
        "２０２６-03-04T15:00:00Z",
    ],
)
def test_what_is_no_moment(text: Any) -> None:
    assert set(errors_of({"text": "a", "sent_at": text})) == {"sent_at"}


_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
)
_anything = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_names = st.sampled_from(
    ["text", "metric", "score", "customer", "language", "sent_at", "channel", "unit", "facts", "consent", "_schema"]
)
_customer = st.dictionaries(st.sampled_from(["email", "phone", "external_id", "name", "_schema", "x"]), _anything)
_bodies = st.dictionaries(
    _names | st.text(max_size=6), _anything | _customer | st.sampled_from(["nps", "csat", 3, 0, "es"]), max_size=12
)


@given(_bodies | _anything)
def test_any_json_is_a_row_or_has_errors(body: Any) -> None:
    values, errors = read(body, slug="api-shop", now=NOW)
    if errors:
        assert all(isinstance(name, str) and name and texts for name, texts in errors.items())
        return
    row = columns(values)
    assert row["text"] is not None or row["score"] is not None
    assert (row["metric"] is None) == (row["score"] is None)
    assert row["sent_at"] is None or row["sent_at"].tzinfo is UTC
    assert all(is_storable(text) for text in _texts(row))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _texts(item)]
    return []
