"""The pages for people who answer: inbox, case, judging, feedback, surveys, rules, status; and the door before them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import Flask
from flask_babel import lazy_gettext

from voc.core.vocabulary import Stance

if TYPE_CHECKING:
    from voc.runtime import Runtime

# What a person can say; that one cannot tell is not among it.
_JUDGED = (Stance.PROMOTER, Stance.PASSIVE, Stance.DETRACTOR)
_LABELS = {
    "negative": lazy_gettext("negative"),
    "neutral": lazy_gettext("neutral"),
    "positive": lazy_gettext("positive"),
}


def install(app: Flask) -> None:
    """Put the account and triage pages and the words they use into the application."""
    # Importing the modules hangs their views on the blueprint.
    from voc.cases.reading.queries import topics_of
    from voc.web import account
    from voc.web.triage import (  # noqa: F401
        acting,
        asking,
        case,
        channel,
        channel_acting,
        channels,
        competitors,
        customers,
        feedback,
        finding,
        inbox,
        inviting,
        judging,
        plugins,
        reasons,
        ruled,
        rules,
        status,
        surveys,
        topics,
        words,
    )
    from voc.web.triage.decided import decided
    from voc.web.triage.pages import blueprint

    account.install(app, cast("Runtime", app.extensions["voc"]))
    app.jinja_env.globals.update(
        queue_word=words.queue_word,
        priority_word=words.priority_word,
        clock_word=words.clock_word,
        label_word=words.label_word,
        said_word=words.said_word,
        risk_word=words.risk_word,
        urgency_word=words.urgency_word,
        language_word=words.language_word,
        certainty=words.certainty,
        number_words=words.number_words,
        decided=decided,
        field_text=ruled.field_text,
        operator_text=ruled.operator_text,
        why_text=ruled.why_text,
        topics_of=topics_of,
        topics_spoken=feedback.topics_spoken,
        shown_words=finding.shown_words,
        span_words=span_words,
        refusal_words=asking.refusal_words,
        problem_words=asking.problem_words,
        invitation_word=asking.invitation_word,
        reason_words=reasons.reason_words,
        mail_kinds=reasons.mail_kinds,
        stance_choices=stance_choices,
        label_choices=label_choices,
    )
    app.register_blueprint(blueprint)


def span_words(at: datetime, now: datetime) -> str:
    """How long ago as a bare span: `9 d`."""
    from voc.web.humanize import span

    return span(now - at)


def stance_choices() -> list[tuple[str, str, str]]:
    """What a person can say of a stance: (value, word, icon)."""
    from voc.web.i18n import stance_word

    return [(stance.value, stance_word(stance), stance.value) for stance in _JUDGED]


def label_choices() -> list[tuple[str, str, None]]:
    """What a person can say of a text: (value, word, no icon)."""
    return [(value, str(word), None) for value, word in _LABELS.items()]
