"""The form of a channel, drawn from the options its plugin declares: what was typed as options, and back."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from voc.plugin import Option, Options
from voc.plugin_host.texts import Texts
from voc.web.account.texts import translated as _

# What stands before the name of an option in the form: a plugin may call one `name` or `csrf_token`.
PREFIX = "option."
FORGET = "forget."
LINE = 200

FieldKind = Literal["secret", "flag", "choice", "several", "number", "lines", "text"]

# What the contract and the services say, in words for whoever fills in the form.
_SAID = {
    "The name is missing.": lazy_gettext("The name is missing."),
    "must be given": lazy_gettext("This is missing."),
    "must be a whole number": lazy_gettext("This must be a whole number."),
    "must be yes or no": lazy_gettext("Please choose one of the answers shown."),
    "is taken by another channel": lazy_gettext("Another channel has this name in its address."),
    "must be small letters, digits and hyphens, for example ayuda": lazy_gettext(
        "Small letters, digits and hyphens, and no other channel may have it."
    ),
    "This is longer than the field can take.": lazy_gettext("This is longer than the field can take."),
    "A rule keeps no secrets: they belong into the settings of the plugin.": lazy_gettext(
        "A rule keeps no secrets: they belong into the settings of the plugin."
    ),
}
_CHOOSE = lazy_gettext("Please choose one of the answers shown.")


class Declares(Protocol):
    """Whatever has options: a channel, another offer, a plugin as a whole."""

    @property
    def options(self) -> Options:
        """What may be set."""


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option as it is drawn. `choices`: (value, word, chosen); `stored`: a secret is there, and never shown.

    `differs` is what is stored now, when somebody else changed it meanwhile.
    """

    name: str
    kind: FieldKind
    label: str
    help: str
    value: str = ""
    choices: tuple[tuple[str, str, bool], ...] = ()
    required: bool = False
    stored: bool = False
    differs: str | None = None


def option_fields(
    plugin: Declares,
    texts: Texts,
    *,
    stored: Mapping[str, Any] | None,
    typed: Mapping[str, Any] | None = None,
    secrets: Collection[str] = (),
    conflict: bool = False,
) -> list[OptionField]:
    """The options of a plugin in their order: as typed, else as stored, else as the plugin proposes.

    `secrets` are the names of those that are there; with `conflict` a field says what is stored now, if it differs.
    """
    fields = []
    for option in plugin.options:
        before = (stored or {}).get(option.name, option.default)
        value = before if typed is None else typed.get(option.name, "")
        differs = None
        if conflict and not option.secret and _written(value) != _written(before):
            differs = _spoken(option, texts, before)
        fields.append(_field(option, texts, value, stored=option.name in secrets, differs=differs))
    return fields


def _field(option: Option, texts: Texts, value: Any, *, stored: bool, differs: str | None) -> OptionField:
    kind = _kind(option, value)
    choices: tuple[tuple[str, str, bool], ...] = ()
    if kind in ("choice", "several"):
        chosen = [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value or "")]
        offered = [*option.choices, *(item for item in chosen if kind == "choice" and item not in option.choices)]
        choices = tuple((item, texts.choice(option, item) or "–", item in chosen) for item in offered)
    return OptionField(
        name=option.name,
        kind=kind,
        label=texts.label(option),
        help=texts.help(option),
        value="" if option.secret else _written(value),
        choices=choices,
        required=option.required and not (option.secret and stored),
        stored=stored,
        differs=differs,
    )


def _kind(option: Option, value: Any) -> FieldKind:
    if option.secret:
        return "secret"
    if option.type == "list":
        return "several" if option.choices else "text"
    if option.type == "text":
        written = _written(value)
        return "lines" if len(written) > LINE or "\n" in written or isinstance(value, dict) else "text"
    return option.type


def _written(value: Any) -> str:
    """A value as it stands in a field, and as `typed_options` reads it again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _spoken(option: Option, texts: Texts, value: Any) -> str:
    """A value as people say it."""
    if option.type == "flag":
        return _("yes") if value else _("no")
    if option.choices:
        chosen = value if isinstance(value, (list, tuple)) else [value or ""]
        return ", ".join(texts.choice(option, str(item)) for item in chosen)
    return _written(value)


def typed_options(plugin: Declares, form: MultiDict[str, str], stored: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the service takes it. A text per language that nobody touched stays what it is."""
    options: dict[str, Any] = {}
    for option in plugin.options:
        key = PREFIX + option.name
        typed = form.get(key, "").replace("\r\n", "\n")
        before = stored.get(option.name)
        if option.type == "flag":
            options[option.name] = key in form
        elif option.type == "list" and option.choices:
            options[option.name] = form.getlist(key) or ""
        elif isinstance(before, dict) and typed == _written(before):
            options[option.name] = before
        else:
            options[option.name] = typed if option.secret else typed.strip()
    return options


def forgotten(plugin: Declares, form: MultiDict[str, str]) -> set[str]:
    """The secrets that are to be forgotten."""
    return {option.name for option in plugin.options if option.secret and FORGET + option.name in form}


def in_form_words(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What is wrong with a channel, in the reader's language."""
    return {name: [_word(text) for text in texts] for name, texts in fields.items()}


def _word(text: str) -> str:
    if text in _SAID:
        return str(_SAID[text])
    if text.startswith("must be one of ") or ": must be among " in text:
        return str(_CHOOSE)
    return _("This cannot be: %(reason)s", reason=text)
