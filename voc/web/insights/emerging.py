"""Said more than usual: what stood out on a day, with whoever said it, and the way to a topic of its own."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from voc.core.vocabulary import LANGUAGES
from voc.insights.days import day_of
from voc.insights.emerging.page import look_at
from voc.insights.emerging.views import Finding
from voc.insights.statistics import Estimate, share
from voc.web.account import actor, signed_in
from voc.web.account.texts import translated as _
from voc.web.here import house, now, runtime
from voc.web.insights import drawing
from voc.web.insights.morning import blueprint
from voc.web.insights.words import number
from voc.web.languages import NAMES

PAGE = "/insights/emerging"
# A key of the taxonomy: small letters of the alphabet, digits and underscores.
_LONGEST_KEY = 59


@blueprint.get(PAGE)
@signed_in("insights.view")
def emerging_page() -> ResponseReturnValue:
    """What stood out on the day asked for, else on the newest one; a day that makes no sense is passed over."""
    at = now()
    with runtime().db.reading() as session:
        found = look_at(session, viewer=actor(), today=day_of(at, house().zone), day=asked_day())
    return render_template(
        "insights/emerging.html",
        page=found,
        at=at,
        bars=drawing.daily,
        unhappy=unhappy,
        language_names=NAMES,
        may_add=actor().may("topic.edit"),
    )


def asked_day() -> date | None:
    """The day asked for."""
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


def page_of(day: date) -> str:
    """The address of what stood out on a day."""
    return f"{PAGE}?day={day.isoformat()}"


def usual_words(found: Finding) -> str:
    """How many would be usual: `0.7 would be usual`."""
    return _("%(num)s would be usual", num=number(found.expected, 1))


def said_words(found: Finding) -> str:
    """Who said it when."""
    if found.days == 1:
        return _("%(num)s people on that day", num=number(found.n))
    return _("%(num)s people in %(days)s days", num=number(found.n), days=found.days)


def unhappy(found: Finding) -> Estimate | None:
    """The share of those who said it that are detractors, in percent with its margin."""
    return share(found.unhappy, found.people)


def search_address(found: Finding) -> str:
    """Where all feedback with these words is."""
    return "/feedback?" + urlencode({"q": f'"{found.phrases[0]}"'})


def topic_address(found: Finding) -> str:
    """The form for a new topic, filled with the words of this finding."""
    key = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in found.phrases[0]).strip("_0123456789")
    asked = {"new": (key if len(key) > 1 else f"topic_{key}")[:_LONGEST_KEY]}
    asked |= {f"names.{code}": found.phrases[0].capitalize() for code in LANGUAGES if code == found.language}
    asked |= {f"words.{code}": "\n".join(found.phrases) for code in LANGUAGES if code == found.language}
    return f"/topics?{urlencode(asked)}#new-key"
