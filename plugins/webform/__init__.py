"""The web form: a score, a few words, and how to reach whoever wrote them. Through the public contract only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from voc.plugin import (
    Author,
    Channel,
    Field,
    Form,
    Inbound,
    Metric,
    Option,
    Options,
    Raw,
    ReadItem,
    Robot,
    Scale,
    View,
    hookimpl,
)

from . import texts

LANGUAGES = ("es", "pt", "en")
METRICS = ("nps", "csat", "ces", "stars", "none")
# Characters a customer may write.
TEXT_LIMIT = 10_000


class WebForm(Channel):
    """One public form. A submission is `{"submission_id", "form_version", "language", "values", "robot"}` as JSON."""

    kind = "webform"
    title = "Web form"
    options = Options(
        Option(
            "metric",
            "Which question is asked: nps (0 to 10), csat (1 to 5), ces (1 to 7), stars (1 to 5), or none.",
            type="choice",
            default="nps",
            choices=METRICS,
        ),
        Option(
            "languages",
            "Languages the form is offered in; the first one is for everybody else.",
            type="list",
            default=LANGUAGES,
            choices=LANGUAGES,
        ),
        Option("title", 'Heading of the form: a text, or one per language as {"es": "…", "pt": "…"}.', default=""),
        Option("question", "The question of the score: a text, or one per language as for the title.", default=""),
    )

    def form(self, view: View) -> Form:
        """The form as these options want it; raises ValueError when `title` or `question` cannot be understood."""
        languages = tuple(view.options.get("languages") or LANGUAGES)
        metric = view.options.get("metric") or "nps"
        fields: tuple[Field, ...] = (
            Field("text", "long_text", texts.TEXT, help=texts.TEXT_HELP, required=metric == "none", limit=TEXT_LIMIT),
            Field("name", "text", texts.NAME, limit=120, autocomplete="name"),
            Field("email", "email", texts.EMAIL, help=texts.EMAIL_HELP, limit=254, autocomplete="email"),
            Field("phone", "phone", texts.PHONE, limit=30, autocomplete="tel"),
            Field("consent", "consent", texts.CONSENT),
        )
        if metric != "none":
            fields = (_score(metric, _said("question", view.options, texts.QUESTIONS[metric])), *fields)
        return Form(
            title=_said("title", view.options, texts.TITLE),
            intro=texts.INTRO,
            fields=fields,
            submit=texts.SUBMIT,
            thanks=texts.THANKS,
            languages=languages,
            needs_one_of=() if metric == "none" else ("score", "text"),
        )

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """One submission is one feedback, or a robot's; raises ValueError when it is not a submission."""
        data = view.json(raw)
        values = data.get("values") if isinstance(data, dict) else None
        if not isinstance(values, dict):
            raise ValueError("this is not a submission of a form: it has no values")
        if data.get("robot"):
            yield Robot(str(data["robot"]))
            return
        identity = data.get("submission_id")
        if not isinstance(identity, str) or not identity:
            raise ValueError("this submission has no submission_id")
        score = _number(values.get("score"))
        # The host writes down what the number answered, so that a later change of the option cannot change its sense.
        metric = values.get("score.metric") or view.options.get("metric") or "nps"
        if score is not None and metric not in texts.RANGES:
            raise ValueError(f"there is a score of {score}, and no question it could answer ({metric})")
        language = data.get("language")
        yield Inbound(
            external_id=identity,
            text=_text(values, "text"),
            metric=cast(Metric, metric) if score is not None else None,
            score=score,
            language=language if isinstance(language, str) else None,
            author=_author(values),
            consent=values.get("consent") is True,
        )


@hookimpl
def voc_channels() -> list[type[Channel]]:
    """The one channel of this plugin."""
    return [WebForm]


def _score(metric: str, question: Mapping[str, str]) -> Field:
    """The question with its scale; never required."""
    low, high = texts.RANGES[metric]
    low_text, high_text = texts.ENDS[metric]
    return Field("score", "score", question, scale=Scale(metric, low, high, low_text, high_text))


def _said(name: str, options: Mapping[str, Any], otherwise: Mapping[str, str]) -> Mapping[str, str]:
    """The words of an option per language, with ours where it says none; one text alone is for every language."""
    value = options.get(name)
    if not value:
        return otherwise
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError(f"option {name}: this looks like JSON and is none") from None
    if isinstance(value, str):
        return dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError(f'option {name}: must be a text or {{"es": "…", "pt": "…", "en": "…"}}')
    return {**otherwise, **value}


def _author(values: Mapping[str, Any]) -> Author | None:
    """Who wrote, as typed and therefore unverified; None when nothing was typed."""
    name, email, phone = (_text(values, key) for key in ("name", "email", "phone"))
    return Author(name=name, email=email, phone=phone) if name or email or phone else None


def _text(values: Mapping[str, Any], key: str) -> str | None:
    """A typed text without surrounding space, or None when there is none; raises ValueError for anything else."""
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is not a text")
    return (value or "").strip() or None


def _number(value: Any) -> int | None:
    """A score as the integer it is; None when unanswered, so that unanswered is never 0."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"score {value!r} is not a whole number")
    return value
