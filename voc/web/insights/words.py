"""Figures and what they are called, in the reader's language."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date, format_decimal, lazy_gettext

from voc.core.vocabulary import Metric
from voc.insights.morning.views import ScoreView
from voc.insights.statistics import ENDS, Estimate
from voc.web.account.texts import translated as _

MINUS = "\N{MINUS SIGN}"
NAMES = {Metric.NPS: "NPS", Metric.CSAT: "CSAT", Metric.CES: "CES"}
ABOUT = {
    Metric.NPS: lazy_gettext("would recommend, 0 to 10"),
    Metric.CSAT: lazy_gettext("satisfied: 4 or 5 of 5"),
    Metric.CES: lazy_gettext("how easy it was, 1 to 7"),
    Metric.STARS: lazy_gettext("mean, 1 to 5"),
}
CHECKS = {
    "receipt.unread": lazy_gettext("Messages that were accepted and that nothing is going to read"),
    "receipt.without_feedback": lazy_gettext("Messages that count as read and gave no feedback"),
    "feedback.unprocessed": lazy_gettext("Feedback that nothing is going to understand"),
    "detractor.unpromised": lazy_gettext("Unhappy customers who were promised no answer"),
    "unknown.unasked": lazy_gettext("Texts the machine could not judge and that nobody is asked to judge"),
    "obligation.unsent": lazy_gettext("Promises that count as kept without an answer that was sent"),
    "obligation.unseen": lazy_gettext("Open promises that stand where nobody looks"),
}


def check_word(key: str) -> str:
    """What a check looks for; one we have no words for is called by its key."""
    return str(CHECKS.get(key, key))


def metric_name(metric: Metric) -> str:
    """What people call the figure."""
    return NAMES.get(metric) or _("Stars")


def metric_about(metric: Metric) -> str:
    """What the figure means, in a few words."""
    return str(ABOUT[metric])


def number(value: float, digits: int = 0) -> str:
    """A number in the reader's way, with a real minus; a negative one that rounds to nothing is 0."""
    rounded = round(value, digits)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(rounded or 0, format=pattern)).replace("-", MINUS)


def bare_figure(metric: Metric, value: float) -> str:
    """A value of a metric without its unit: whole for NPS and percentages, one digit for means."""
    return number(value, 1 if metric in (Metric.CES, Metric.STARS) else 0)


def figure(metric: Metric, value: float) -> str:
    """A value with its unit."""
    return f"{bare_figure(metric, value)} %" if metric is Metric.CSAT else bare_figure(metric, value)


def margin(metric: Metric, estimate: Estimate) -> str:
    """The interval in words: `26 to 34`."""
    low, high = bare_figure(metric, estimate.low), figure(metric, estimate.high)
    return _("%(low)s to %(high)s", low=low, high=high)


def ends(metric: Metric) -> tuple[str, str]:
    """The ends of the scale the figure stands on."""
    low, high = ENDS[metric]
    return number(low), figure(metric, high) if metric is Metric.CSAT else number(high)


def change_words(view: ScoreView) -> str:
    """What became of a figure since the period before, and whether that is more than chance."""
    if view.before is None:
        return _("Nobody answered this in the period before.")
    if view.change is None:
        return ""
    before = figure(view.metric, view.before.value)
    if view.change.direction == "up":
        return _("Before %(before)s. It rose, and that is proved.", before=before)
    if view.change.direction == "down":
        return _("Before %(before)s. It fell, and that is proved.", before=before)
    return _("Before %(before)s. It is not proved that it changed.", before=before)


def topic_trend(direction: str | None) -> str:
    """Whether a topic is spoken of more than before."""
    words = {
        "up": _("more than before, proved"),
        "down": _("less than before, proved"),
        "unclear": _("no proved change"),
    }
    return words.get(direction or "", _("nothing to compare with"))


def short_day(day: date) -> str:
    """`3 Mar`."""
    return str(format_date(day, format="d MMM"))
