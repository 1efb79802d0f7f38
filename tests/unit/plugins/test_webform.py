"""The bundled web form: what it asks, and what it reads in a submission."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from voc_plugins.webform import WebForm, voc_channels
from voc_plugins.webform.texts import ENDS, QUESTIONS, RANGES

from voc.plugin import Author, Inbound, Raw, Robot, View

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def raw(**changes: Any) -> Raw:
    data = {"submission_id": "s1", "form_version": 1, "language": "es", "values": {}, "robot": None} | changes
    return Raw(json.dumps(data).encode(), "application/vnd.voc.form+json", AT)


def read(**changes: Any) -> Any:
    (item,) = WebForm().read(View(options={"metric": "nps"}), raw(**changes))
    return item


def test_it_registers_one_channel() -> None:
    assert voc_channels() == [WebForm]
    assert WebForm.kind == "webform"


@pytest.mark.parametrize("metric", ["nps", "csat", "ces", "stars"])
def test_the_form_of_each_metric(metric: str) -> None:
    form = WebForm().form(View(options={"metric": metric}))
    score = form.fields[0]
    assert [field.name for field in form.fields] == ["score", "text", "name", "email", "phone", "consent"]
    assert score.scale is not None
    assert (score.scale.metric, score.scale.low, score.scale.high) == (metric, *RANGES[metric])
    assert form.needs_one_of == ("score", "text")
    assert not any(field.required for field in form.fields)


def test_without_a_metric_words_are_needed() -> None:
    form = WebForm().form(View(options={"metric": "none", "languages": ["pt", "en"]}))
    assert form.fields[0].name == "text"
    assert form.fields[0].required
    assert form.needs_one_of == ()
    assert form.languages == ("pt", "en")


def test_every_text_exists_in_three_languages() -> None:
    form = WebForm().form(View())
    spoken = [form.title, form.intro, form.submit, form.thanks]
    spoken += [words for field in form.fields for words in (field.label, field.help) if words]
    spoken += [*QUESTIONS.values(), *(words for ends in ENDS.values() for words in ends)]
    for words in spoken:
        assert words is not None
        assert set(words) == {"es", "pt", "en"}
        assert all(words.values())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Hola", {"es": "Hola", "pt": "Hola", "en": "Hola"}),
        ({"pt": "Oi"}, {"pt": "Oi"}),
        ('{"en": "Hi", "es": "Hola"}', {"en": "Hi", "es": "Hola"}),
    ],
)
def test_own_words(title: Any, expected: dict[str, str]) -> None:
    form = WebForm().form(View(options={"title": title}))
    assert expected.items() <= dict(form.title).items()
    assert set(form.title) == {"es", "pt", "en"}


@pytest.mark.parametrize("title", ["{broken", {"es": 5}, ["x"]])
def test_words_that_are_none_are_refused_by_name(title: Any) -> None:
    with pytest.raises(ValueError, match="title"):
        WebForm().form(View(options={"title": title}))


def test_a_zero_is_an_answer() -> None:
    item = read(values={"score": 0})
    assert item == Inbound(external_id="s1", metric="nps", score=0, language="es")


def test_words_contact_and_consent() -> None:
    values = {"text": " Mal \n", "name": "Ana", "email": "ana@example.com", "phone": "", "consent": True}
    item = read(values=values, language="pt")
    assert item.text == "Mal"
    assert (item.metric, item.score, item.language, item.consent) == (None, None, "pt", True)
    assert item.author == Author(name="Ana", email="ana@example.com")
    assert not item.author.verified


def test_the_number_keeps_the_sense_it_was_given_in() -> None:
    item = read(values={"score": 5, "score.metric": "csat"})
    assert (item.metric, item.score) == ("csat", 5)


def test_robots_are_kept_and_nobodys_feedback() -> None:
    assert read(values={"text": "buy"}, robot="sent back after 0.1 s") == Robot("sent back after 0.1 s")


def test_the_same_submission_has_the_same_identity() -> None:
    assert read(values={"text": "Malo"}) == read(values={"text": "Malo"})
    assert read(values={"text": "Malo"}).external_id != read(submission_id="s2", values={"text": "Malo"}).external_id


@pytest.mark.parametrize(
    "changes",
    [
        {"values": None},
        {"values": []},
        {"submission_id": None, "values": {"text": "x"}},
        {"values": {"text": 5}},
        {"values": {"score": True}},
        {"values": {"score": 3.5}},
        {"values": {"score": "3"}},
        {"values": {"score": 3, "score.metric": "none"}},
    ],
)
def test_what_is_no_submission_is_refused_with_a_reason(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        read(**changes)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[1]", b'"x"', b"{}"])
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        list(WebForm().read(View(), Raw(body, "application/json", AT)))
