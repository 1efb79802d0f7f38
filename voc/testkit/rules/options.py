"""Options and health: what can be set is explained, what is wrong is said, and nothing of it crashes."""

from __future__ import annotations

from typing import Any

from voc.plugin import Health, Option, Options
from voc.testkit.rule import broken, rule, shown
from voc.testkit.subject import Subject, Tried, tried

ODD = ("", "\x00", "ñ" * 3000, "-1", "http://[", "no such thing")


@rule(
    "options-explained",
    "bronze",
    "Every option says what it is for and proposes something that is valid.",
    mend="Give each Option a help sentence, a default that passes its own check, and choices where it needs them.",
    method="options",
)
def explained(subject: Subject) -> None:
    """Names, help, defaults, choices, and no secret in the code."""
    if not isinstance(subject.kind.options, Options):
        broken(f"options is {shown(subject.kind.options)}, which is no Options")
    for option in subject.kind.options:
        if not option.name.isidentifier() or option.name != option.name.lower():
            broken(f"an option is called {option.name!r}, which is no name of small letters and _")
        if len(option.help.split()) < 2:
            broken(f"the option {option.name} has no help")
        if option.type == "choice" and not option.choices:
            broken(f"the option {option.name} is a choice among nothing")
        if option.secret and option.default:
            broken(f"the secret option {option.name} has a default that is in everybody's hands")
        if option.default not in (None, ""):
            _, wrong = Options(option).check({option.name: option.default})
            if wrong:
                broken(
                    f"the option {option.name} proposes {shown(option.default)}, which it would refuse: {shown(wrong)}"
                )


@rule(
    "options-checked",
    "silver",
    "Odd options are answered in words.",
    mend="In check, take every option for what somebody typed; return Health('failing', sentence) and raise nothing.",
    method="check",
)
def checked(subject: Subject) -> None:
    """Each option odd in turn: check gives a Health, form a form or ValueError."""
    for option in subject.kind.options:
        for value in _odd(option):
            with subject.desk() as desk:
                result = tried(subject.channel().check, desk.ctx(**{option.name: value}))
                _demand_health(result, f"with {option.name}={shown(value, 30)}")
                if "FORM" not in subject.capabilities:
                    continue
                form = tried(subject.channel().form, desk.view(**{option.name: value}))
                if form.error is not None and not isinstance(form.error, ValueError):
                    broken(f"with {option.name}={shown(value, 30)} form {form.kind}")


def _odd(option: Option) -> list[Any]:
    """What the host would let through: text is any text, numbers are any number."""
    if option.type == "number":
        return [-1, 0, 10**12]
    if option.type in ("flag", "choice"):
        return []
    return [[], ["x" * 300]] if option.type == "list" else list(ODD)


def _demand_health(result: Tried, when: str) -> None:
    health = result.value
    if not isinstance(health, Health) or health.state not in ("ok", "warning", "failing"):
        broken(f"{when} check {result.kind} instead of a Health")
    if health.state != "ok" and not health.text.strip():
        broken(f"{when} check says {health.state} and not why")


@rule(
    "health",
    "bronze",
    "check says that a channel that works is well.",
    mend="Return Health('ok') or Health('warning', sentence) when the options are right and the vendor answers.",
    method="check",
    asks=["FETCH", "SEND"],
)
def health(subject: Subject) -> None:
    """With the fixtures' options and the vendor running."""
    if subject.capabilities & {"FETCH", "SEND"}:
        with subject.at_work() as (desk, _):
            result = tried(subject.channel().check, desk.ctx())
    else:
        with subject.desk() as desk:
            result = tried(subject.channel().check, desk.ctx())
    _demand_health(result, "with options that work")
    if result.value.state == "failing":
        broken(f"with options that work check says failing: {shown(result.value.text, 200)}")


@rule(
    "health-failing",
    "silver",
    "check says what is wrong with a channel that does not work.",
    mend="Ask the vendor in check, and return Health('failing', what to do) when it refuses or does not answer.",
    needs=["FETCH"],
    method="check",
)
def failing(subject: Subject) -> None:
    """Wrong password, and a vendor that is down."""
    for kind in ("denied", "down"):
        with subject.at_work() as (desk, vendor):
            vendor.trouble = kind
            result = tried(subject.channel().check, desk.ctx())
        _demand_health(result, f"when the vendor is {kind}")
        if result.value.state != "failing":
            broken(f"when the vendor is {kind} check says {result.value.state}: {shown(result.value.text)}")


@rule(
    "form-described",
    "bronze",
    "The form can be drawn in every language it offers.",
    mend="Give every text of the form in every language of `languages`, and each field a name of its own.",
    needs=["FORM"],
    method="form",
)
def form_described(subject: Subject) -> None:
    """Title, fields, scales, choices and thanks in each language."""
    with subject.desk() as desk:
        form = subject.channel().form(desk.view())
    if not form.languages or not form.fields:
        broken("the form has no languages or no fields")
    names = [field.name for field in form.fields]
    if len(set(names)) != len(names):
        broken(f"two fields of the form have one name: {shown(names)}")
    for name in form.needs_one_of:
        if name not in names:
            broken(f"needs_one_of names {name!r}, and there is no such field")
    texts = [("title", form.title), ("submit", form.submit)]
    texts += [(f"label of {field.name}", field.label) for field in form.fields]
    texts += [(f"{field.name}: {value}", said) for field in form.fields for value, said in field.choices]
    for field in form.fields:
        if field.kind == "score":
            if field.scale is None:
                broken(f"the field {field.name} is a score without a scale")
            texts += [
                (f"lowest of {field.name}", field.scale.low_text),
                (f"highest of {field.name}", field.scale.high_text),
            ]
    for what, said in texts:
        for language in form.languages:
            if not str(said.get(language) or "").strip():
                broken(f"{what} is not said in {language}")
