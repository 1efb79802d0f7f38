"""Surveys: NPS, CSAT or CES with the reason for the score. Through the public contract only.

The score is one submission, the reason another that says which one it adds to: whoever stops after the score was
heard, and whoever goes on is still one voice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from voc.plugin import (
    Author,
    Channel,
    Edited,
    Field,
    Form,
    Ignored,
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
METRICS = ("nps", "csat", "ces")
# Characters a customer may write.
TEXT_LIMIT = 10_000


class Survey(Channel):
    """One survey. A submission is `{"submission_id", "form_version", "language", "values", "robot"}` as JSON; with
    `invited` when the answer came by somebody's invitation, with `adds_to` when it adds to an earlier submission."""

    kind = "survey"
    title = "Survey"
    options = Options(
        Option(
            "metric",
            "Which question is asked: nps (0 to 10), csat (1 to 5) or ces (1 to 7, high means easy).",
            type="choice",
            default="nps",
            choices=METRICS,
        ),
        Option("question", 'The question: a text, or one per language as {"es": "…", "pt": "…"}.', default=""),
        Option("reason", "Whether the reason for the score is asked on a second page.", type="flag", default=True),
        Option("why", "The question of the second page: a text, or one per language.", default=""),
        Option(
            "contact",
            "Whether the second page asks who answers by the public link. Who was invited is known.",
            type="flag",
            default=False,
        ),
        Option(
            "languages",
            "Languages the survey is offered in; the first one is for everybody else.",
            type="list",
            default=LANGUAGES,
            choices=LANGUAGES,
        ),
    )

    def form(self, view: View) -> Form:
        """The survey as these options want it; raises ValueError when a question cannot be understood."""
        options = view.options
        metric = options.get("metric") or "nps"
        low, high = texts.RANGES[metric]
        question = _said("question", options, texts.QUESTIONS[metric])
        scale = Scale(metric, low, high, *texts.ENDS[metric])
        fields = [Field("score", "score", question, required=True, scale=scale)]
        if options.get("reason", True):
            why = _said("why", options, texts.WHY)
            fields.append(Field("text", "long_text", why, help=texts.WHY_HELP, limit=TEXT_LIMIT))
        if options.get("contact"):
            fields.append(Field("name", "text", texts.NAME, limit=120, autocomplete="name"))
            fields.append(Field("email", "email", texts.EMAIL, help=texts.EMAIL_HELP, limit=254, autocomplete="email"))
        return Form(
            title=texts.TITLE,
            fields=tuple(fields),
            submit=texts.SUBMIT,
            thanks=texts.THANKS,
            languages=tuple(options.get("languages") or LANGUAGES),
        )

    def read(self, view: View, raw: Raw) -> Iterable[ReadItem]:
        """A score, or what was added to one; raises ValueError when it is neither."""
        data = view.json(raw)
        values = data.get("values") if isinstance(data, dict) else None
        if not isinstance(values, dict):
            raise ValueError("this is not a submission of a survey: it has no values")
        if data.get("robot"):
            yield Robot(str(data["robot"]))
        elif "adds_to" in data:
            yield _added(_identity(data, "adds_to"), values)
        else:
            yield _answer(data, values, view.options)


@hookimpl
def voc_channels() -> list[type[Channel]]:
    """The one channel of this plugin."""
    return [Survey]


def _answer(data: Mapping[str, Any], values: Mapping[str, Any], options: Mapping[str, Any]) -> Inbound:
    """One person's answer. Its metric is what the page asked, which a later change of the option does not change."""
    score = values.get("score")
    if isinstance(score, bool) or not isinstance(score, int):
        raise ValueError(f"score {score!r} is not a whole number")
    metric = values.get("score.metric") or options.get("metric") or "nps"
    if metric not in texts.RANGES:
        raise ValueError(f"there is no question {metric!r} that {score} could answer")
    invited = data.get("invited") or {}
    language = data.get("language")
    return Inbound(
        external_id=_identity(data, "submission_id"),
        text=_text(values, "text"),
        metric=cast(Metric, metric),
        score=score,
        language=language if isinstance(language, str) else None,
        author=_invited(invited) if invited else _author(values),
        facts=dict(invited.get("facts") or {}),
    )


def _added(identity: str, values: Mapping[str, Any]) -> Edited | Ignored:
    """The reason that was given after the score of `identity`, and who gave it."""
    text, author = _text(values, "text"), _author(values)
    if text is None and author is None:
        return Ignored("nothing was added to the answer")
    return Edited(identity, text, author=author)


def _identity(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"this submission has no {key}")
    return value


def _invited(invited: Mapping[str, Any]) -> Author:
    """Whoever we wrote to: only that mail held the link, so that the address is proved."""
    return Author(
        name=_text(invited, "name"),
        email=_text(invited, "email"),
        external_id=_text(invited, "external_id"),
        verified=True,
    )


def _author(values: Mapping[str, Any]) -> Author | None:
    """Who answers by the public link, as typed and therefore unverified; None when nothing was typed."""
    name, email = _text(values, "name"), _text(values, "email")
    return Author(name=name, email=email) if name or email else None


def _text(values: Mapping[str, Any], key: str) -> str | None:
    """A text without surrounding space, or None when there is none; raises ValueError for anything else."""
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{key} is not a text")
    return (value or "").strip() or None


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
    return {**otherwise, **{language: text for language, text in value.items() if text.strip()}}
