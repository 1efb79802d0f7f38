"""A stored form as the page shows it: pure data in one language, with what was typed and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from voc.plugin import Field, Form, Texts


@dataclass(frozen=True, slots=True)
class DrawnField:
    """One question. `steps` are the numbers of a score with what is read aloud, `choices` pairs of key and text;
    `error` is in the reader's language."""

    name: str
    kind: str
    label: str
    help: str
    required: bool
    value: str
    error: str
    autocomplete: str
    steps: tuple[tuple[int, str], ...] = ()
    low_text: str = ""
    high_text: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """The whole form in one language."""

    title: str
    intro: str
    submit: str
    thanks: str
    fields: tuple[DrawnField, ...]

    @property
    def wrong(self) -> tuple[DrawnField, ...]:
        """The fields that have an error, in their order."""
        return tuple(field for field in self.fields if field.error)


def draw(
    form: Form, language: str, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> DrawnForm:
    """The form in `language`, with typed `values` and translated `errors` by field name."""
    return DrawnForm(
        title=said(form.title, language),
        intro=said(form.intro, language),
        submit=said(form.submit, language),
        thanks=said(form.thanks, language),
        fields=tuple(_draw(field, language, values or {}, errors or {}) for field in form.fields),
    )


def said(texts: Texts | None, language: str) -> str:
    """The words in `language`, else in the first language there is."""
    if not texts:
        return ""
    return texts.get(language) or next(iter(texts.values()))


def _draw(field: Field, language: str, values: Mapping[str, str], errors: Mapping[str, str]) -> DrawnField:
    steps: tuple[tuple[int, str], ...] = ()
    low_text = high_text = ""
    if field.scale is not None:
        low_text, high_text = said(field.scale.low_text, language), said(field.scale.high_text, language)
        ends = {field.scale.low: low_text, field.scale.high: high_text}
        steps = tuple((step, ends.get(step, "")) for step in range(field.scale.low, field.scale.high + 1))
    return DrawnField(
        name=field.name,
        kind=field.kind,
        label=said(field.label, language),
        help=said(field.help, language),
        required=field.required,
        value=values.get(field.name, ""),
        error=errors.get(field.name, ""),
        autocomplete=field.autocomplete,
        steps=steps,
        low_text=low_text,
        high_text=high_text,
        choices=tuple((key, said(texts, language)) for key, texts in field.choices),
    )
