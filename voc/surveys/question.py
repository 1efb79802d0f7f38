"""What a survey asks, from the form of its channel: one score, and whatever is asked after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from voc.intake.forms import form_from_dict
from voc.plugin import Field, Form, Scale

# The kind of channel whose form is shown one question a screen and to which people can be invited.
KIND = "survey"


@dataclass(frozen=True, slots=True)
class Survey:
    """The form in its two steps. `reason` is the second one, `known` the same for people who were invited, who are not
    asked who they are; without fields there is no second step."""

    form: Form
    field: Field
    scale: Scale
    score: Form
    reason: Form
    known: Form

    def language(self, wanted: str | None) -> str:
        """`wanted` where the survey speaks it, else its first language."""
        return wanted if wanted in self.form.languages and wanted is not None else self.form.languages[0]


def survey_of(data: Mapping[str, Any] | None) -> Survey | None:
    """The survey in a stored form; None when it is not there yet, or asks for no score."""
    if data is None:
        return None
    form = form_from_dict(data)
    field = next((item for item in form.fields if item.scale is not None), None)
    if field is None or field.scale is None:
        return None
    rest = tuple(item for item in form.fields if item.name != field.name)
    return Survey(
        form=form,
        field=field,
        scale=field.scale,
        score=replace(form, fields=(replace(field, required=True),), needs_one_of=()),
        reason=replace(form, fields=rest, needs_one_of=()),
        known=replace(form, fields=tuple(item for item in rest if not _asks_who(item)), needs_one_of=()),
    )


def _asks_who(field: Field) -> bool:
    return field.kind in ("email", "phone") or field.autocomplete == "name"
