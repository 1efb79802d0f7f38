"""The three interface languages: Flask-Babel over the catalogues in `voc/core/translations`.

English source texts are the message ids, so English needs no catalogue. A catalogue called `pt` is found for the
locale `pt_BR`, which is the one the sign-in library has Brazilian texts for.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask_babel import Babel, gettext, lazy_gettext

import voc.core
from voc.core.vocabulary import Metric, Stance
from voc.web import here, humanize
from voc.web.languages import LOCALES

CATALOGUES = Path(voc.core.__file__).parent / "translations"

STANCES = {
    Stance.PROMOTER: lazy_gettext("Promoter"),
    Stance.PASSIVE: lazy_gettext("Passive"),
    Stance.DETRACTOR: lazy_gettext("Detractor"),
    Stance.UNKNOWN: lazy_gettext("Not determined"),
}


def install(app: Flask) -> None:
    """Put Flask-Babel and the words that macros ask for into the application."""
    Babel(
        app,
        default_locale="en",
        default_translation_directories=str(CATALOGUES),
        locale_selector=lambda: LOCALES[here.language()],
        timezone_selector=lambda: here.house().zone,
    )
    app.jinja_env.globals.update(
        stance_word=stance_word,
        metric_text=metric_text,
        clock_face=clock_face,
        ago_words=ago_words,
    )
    app.jinja_env.filters.update(
        exact=exact,
        day=day,
        spoken=spoken,
        initials=humanize.initials,
        bytes=humanize.size,
        paragraphs=paragraphs,
    )


def stance_word(stance: str | None) -> str:
    """A stance in the reader's language; None reads as unknown."""
    return str(STANCES[Stance(stance or Stance.UNKNOWN)])


def metric_text(metric: str | None, score: int) -> str:
    """A score with its question: `NPS 3`, `CSAT 2`, `2 of 5 stars`; the bare number without a metric."""
    if metric is None:
        return str(score)
    if metric == Metric.STARS:
        return str(gettext("%(score)s of 5 stars", score=score))
    return f"{metric.upper()} {score}"


def clock_face(
    due_at: datetime | None, now: datetime, opened_at: datetime | None = None, met_at: datetime | None = None
) -> humanize.ClockFace:
    """The face of a clock in the reader's language."""
    return humanize.clock_face(due_at, now, opened_at, met_at, language=here.language())


def ago_words(at: datetime, now: datetime) -> str:
    """How long ago, in the reader's language."""
    return humanize.ago(at, now, here.language())


def exact(at: datetime) -> str:
    """Day and time in the house's zone, in the reader's language."""
    return humanize.exact(at, here.house().zone, here.language(), now=here.now())


def day(at: datetime) -> str:
    """The day in words in the house's zone, in the reader's language."""
    return humanize.day(at, here.house().zone, here.language(), now=here.now())


def spoken(at: datetime) -> str:
    """Day in words and time in the house's zone, in the reader's language: for customers."""
    return humanize.spoken(at, here.house().zone, here.language(), now=here.now())


def paragraphs(text: str) -> list[str]:
    """A text at its empty lines; line breaks inside a paragraph stay."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
