"""A stored form as a page shows it."""

from __future__ import annotations

import json

from voc.intake import forms
from voc.intake.forms import form_from_dict, form_to_dict
from voc.plugin import Field, Form, Scale
from voc.web.public.drawing import draw, said
from voc.web.public.wrong import WRONG

FORM = Form(
    title={"es": "Hola", "en": "Hello"},
    fields=(
        Field("score", "score", {"es": "¿Cuánto?"}, scale=Scale("csat", 1, 5, {"es": "mal"}, {"es": "bien"})),
        Field("why", "choice", {"es": "¿Por qué?"}, choices=(("price", {"es": "Precio", "en": "Price"}),)),
        Field("text", "long_text", {"es": "Diga"}, required=True),
    ),
    submit={"es": "Enviar"},
    languages=("es", "en"),
)


def test_words_fall_back_to_the_first_language() -> None:
    drawn = draw(FORM, "en")
    assert (drawn.title, drawn.submit, drawn.intro) == ("Hello", "Enviar", "")
    assert drawn.fields[1].choices == (("price", "Price"),)
    assert said({"es": "a", "pt": ""}, "pt") == "a"


def test_a_scale_is_spelled_out_with_its_ends() -> None:
    score = draw(FORM, "es").fields[0]
    assert score.steps == ((1, "mal"), (2, ""), (3, ""), (4, ""), (5, "bien"))
    assert (score.low_text, score.high_text) == ("mal", "bien")


def test_typed_values_and_errors_stand_at_their_field() -> None:
    drawn = draw(FORM, "es", {"text": "<b>", "score": "0"}, {"text": "Falta"})
    assert drawn.fields[2].value == "<b>"
    assert [field.name for field in drawn.wrong] == ["text"]


def test_a_form_survives_being_stored() -> None:
    assert draw(form_from_dict(json.loads(json.dumps(form_to_dict(FORM)))), "es") == draw(FORM, "es")


def test_every_error_of_the_check_can_be_translated() -> None:
    ids = {value for name, value in vars(forms).items() if name.isupper() and isinstance(value, str) and " " in value}
    assert ids == set(WRONG)
    for message_id, words in WRONG.items():
        assert str(words) == message_id
