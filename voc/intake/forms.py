"""Forms as stored data, and the check of what somebody sent: pure functions. Error texts are message ids."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from voc.core.text import is_blank, storable
from voc.plugin import Field, Form, Scale

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,190}(\.[^@\s.]{1,60})+")
_PHONE = re.compile(r"\+?[0-9 ().\-]{5,25}")

TOO_LONG = "This is longer than the field can take."
NEEDED = "Please fill this in."
NO_ADDRESS = "The address looks incomplete. For example: name@example.com"
NO_PHONE = "This does not look like a phone number."
NOT_ON_SCALE = "Please choose one of the numbers shown."
NOT_A_CHOICE = "Please choose one of the answers shown."
# Said by the door, which sees what was sent: what is left of it is never silently taken as what was meant.
SPOILED = "There were characters in here that cannot be kept; they are gone now. Please look it over and send it again."
NEED_ONE = "Please give a score or write a few words."


def form_problem(form: Any) -> str | None:
    """What is wrong with a form that a plugin described; None when it can be drawn."""
    if not isinstance(form, Form) or not form.fields or not form.languages:
        return "form() returned no usable Form"
    if not all(isinstance(field, Field) and isinstance(field.name, str) and field.name for field in form.fields):
        return "form() returned no usable Form: a field is no Field with a name"
    texts = [form.title, form.submit, *(field.label for field in form.fields)]
    if not all(isinstance(text, Mapping) and text and all(map(_is_word, text.values())) for text in texts):
        return "form() returned no usable Form: title, submit and labels must be mappings from language to words"
    if any((field.kind == "score") != isinstance(field.scale, Scale) for field in form.fields):
        return "form() returned no usable Form: a score, and nothing else, has a scale"
    try:
        json.dumps(asdict(form), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return "form() returned no usable Form: it cannot be stored"
    return None


def _is_word(value: Any) -> bool:
    return isinstance(value, str)


def form_to_dict(form: Form) -> dict[str, Any]:
    """The form as JSON-safe data."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(form)))
    return data


def form_from_dict(data: Mapping[str, Any]) -> Form:
    """The inverse of `form_to_dict`."""
    fields = tuple(
        Field(
            **{
                **item,
                "scale": Scale(**item["scale"]) if item.get("scale") else None,
                "choices": tuple((key, texts) for key, texts in item.get("choices", ())),
            }
        )
        for item in data["fields"]
    )
    return Form(
        **{
            **data,
            "fields": fields,
            "languages": tuple(data["languages"]),
            "needs_one_of": tuple(data["needs_one_of"]),
        }
    )


def check_submission(form: Form, values: Mapping[str, str], language: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What was sent as clean values by field name, and one message id for each field that is wrong.

    A score stays the integer that was chosen; an unanswered field is absent, so that unanswered is never 0.
    """
    clean: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for field in form.fields:
        raw = storable(values.get(field.name, "") or "").strip()
        if is_blank(raw):
            if field.required:
                errors[field.name] = NEEDED
            continue
        value, error = _check_field(field, raw)
        if error:
            errors[field.name] = error
        else:
            clean[field.name] = value
    if form.needs_one_of and not any(name in clean or name in errors for name in form.needs_one_of):
        errors[form.needs_one_of[0]] = NEED_ONE
    return clean, errors


def _check_field(field: Field, raw: str) -> tuple[Any, str | None]:
    if field.kind == "consent":
        return raw in ("1", "on", "true", "yes"), None
    if field.kind == "score":
        return _check_score(field, raw)
    if len(raw) > field.limit:
        return None, TOO_LONG
    if field.kind == "email" and not _ADDRESS.fullmatch(raw):
        return None, NO_ADDRESS
    if field.kind == "phone" and not _PHONE.fullmatch(raw):
        return None, NO_PHONE
    if field.kind == "choice" and raw not in {key for key, _ in field.choices}:
        return None, NOT_A_CHOICE
    if field.kind != "long_text":
        raw = " ".join(raw.split())
    return raw, None


def _check_score(field: Field, raw: str) -> tuple[int | None, str | None]:
    scale = field.scale
    if scale is None or not re.fullmatch(r"[0-9]{1,3}", raw) or not scale.low <= int(raw) <= scale.high:
        return None, NOT_ON_SCALE
    return int(raw), None
