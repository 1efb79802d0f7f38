"""The bundled survey: what it asks, and what it reads in an answer and in what is added to one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from voc_plugins.survey import Survey, voc_channels
from voc_plugins.survey.texts import ENDS, QUESTIONS, RANGES

from voc.plugin import Author, Edited, Ignored, Inbound, Raw, Robot, View

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
INVITED = {"invitation": "1", "email": "ana@correo.example", "name": "Ana", "external_id": None, "facts": {"unit": "L"}}


def raw(**changes: Any) -> Raw:
    values = {"score": 0, "score.metric": "nps"}
    data = {"submission_id": "s1", "form_version": 1, "language": "es", "values": values, "robot": None} | changes
    return Raw(json.dumps(data).encode(), "application/vnd.voc.form+json", AT)


def read(**changes: Any) -> Any:
    (item,) = Survey().read(View(options={"metric": "csat"}), raw(**changes))
    return item


def test_it_registers_one_channel() -> None:
    assert voc_channels() == [Survey]


@pytest.mark.parametrize(("metric", "low", "high"), [("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)])
def test_the_form_of_each_metric(metric: str, low: int, high: int) -> None:
    form = Survey().form(View(options={"metric": metric}))
    score, why = form.fields
    assert score.required
    assert score.scale is not None
    assert (score.scale.metric, score.scale.low, score.scale.high) == (metric, low, high)
    assert (why.name, why.kind, why.required) == ("text", "long_text", False)


def test_high_is_easy() -> None:
    low, high = ENDS["ces"]
    assert (low["en"], high["en"]) == ("very hard", "very easy")


def test_options() -> None:
    form = Survey().form(View(options={"reason": False, "languages": ["pt"]}))
    assert [field.name for field in form.fields] == ["score"]
    assert form.languages == ("pt",)
    form = Survey().form(View(options={"contact": True, "question": {"es": "¿Qué tal?", "pt": " "}, "why": "¿Y?"}))
    assert [field.name for field in form.fields] == ["score", "text", "name", "email"]
    assert form.fields[0].label["es"] == "¿Qué tal?"
    assert form.fields[0].label["pt"] == QUESTIONS["nps"]["pt"]
    assert set(form.fields[1].label.values()) == {"¿Y?"}
    for wrong in ("{broken", {"es": 5}):
        with pytest.raises(ValueError, match="question"):
            Survey().form(View(options={"question": wrong}))


def test_every_text_exists_in_three_languages() -> None:
    form = Survey().form(View(options={"contact": True}))
    spoken = [form.title, form.submit, form.thanks]
    spoken += [words for field in form.fields for words in (field.label, field.help) if words]
    spoken += [*QUESTIONS.values(), *(words for ends in ENDS.values() for words in ends)]
    for words in spoken:
        assert words is not None
        assert set(words) == {"es", "pt", "en"}
        assert all(words.values())
    assert set(QUESTIONS) == set(ENDS) == set(RANGES)


def test_zero_is_an_answer_and_keeps_the_question_it_answered() -> None:
    item = read()
    assert item == Inbound("s1", metric="nps", score=0, language="es")
    assert item == read()


def test_an_invited_person_is_proved() -> None:
    item = read(invited=INVITED)
    assert item.author == Author(name="Ana", email="ana@correo.example", verified=True)
    assert item.facts == {"unit": "L"}
    assert read(invited={**INVITED, "external_id": "77"}).author.external_id == "77"


def test_whoever_typed_an_address_is_not() -> None:
    item = read(values={"score": 5, "score.metric": "csat", "email": " eva@correo.example ", "text": " bien "})
    assert item.author == Author(email="eva@correo.example", verified=False)
    assert item.text == "bien"


def test_what_is_added_names_what_it_adds_to() -> None:
    assert read(adds_to="s0", values={"text": " tarde "}) == Edited("s0", "tarde")
    known = read(adds_to="s0", values={"email": "eva@correo.example"})
    assert known == Edited("s0", None, author=Author(email="eva@correo.example"))
    assert isinstance(read(adds_to="s0", values={"text": " "}), Ignored)


def test_robots() -> None:
    assert read(robot="trap") == Robot("trap")
    assert read(robot="trap", adds_to="s0", values={"text": "x"}) == Robot("trap")


@pytest.mark.parametrize(
    "changes",
    [
        {"values": {}},
        {"values": {"score": "9"}},
        {"values": {"score": True}},
        {"values": {"score": 9.5}},
        {"values": {"score": 3, "score.metric": "stars"}},
        {"values": 5},
        {"submission_id": ""},
        {"submission_id": None},
        {"adds_to": ""},
        {"adds_to": 5, "values": {"text": "x"}},
        {"adds_to": "s0", "values": {"text": 5}},
    ],
)
def test_what_is_no_answer_is_refused_with_a_reason(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(**changes)


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"null", b"{", b"\xff"])
def test_what_is_no_submission(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        list(Survey().read(View(), Raw(body, "text/plain", AT)))
