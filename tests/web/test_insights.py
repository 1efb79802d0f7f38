"""The Morning page as people see it: in three languages, for every role, honest when there is nothing to say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.web.conftest import Desk, text
from voc.core.vocabulary import RoleName
from voc.insights.rollups import roll_up
from voc.pipeline.prove import prove

BAD = "The delivery was terrible and late."


def counted(desk: Desk) -> None:
    roll_up(desk.runtime, desk.runtime.clock())


def test_an_empty_house_says_what_to_do_and_shows_no_zeros(desk: Desk) -> None:
    page = text(desk.browser("Patricia").visit("/insights"))
    assert "Nobody has said anything yet" in page
    assert "/f/feedback" in page
    assert "Not checked yet" in page
    assert "NPS" not in page
    assert "score__value" not in page


def test_the_page_says_how_things_stand(desk: Desk) -> None:
    for score in (10, 10, 0):
        desk.say(BAD if score == 0 else None, score)
    counted(desk)
    prove(desk.runtime, desk.runtime.clock())
    page = text(desk.browser("Patricia").visit("/insights"))
    assert "people left behind" in page
    assert "Unhappy customers who were promised no answer" in page
    assert "score__value" in page
    assert "n 3" in page
    assert "delivery was terrible" in page
    assert "Nobody answered this in the period." in page  # CSAT and CES: no score, not a zero
    assert "This is not the NPS." in page


def test_nought_is_shown_as_an_answer(desk: Desk) -> None:
    desk.say(None, 0)
    counted(desk)
    page = text(desk.browser("Patricia").visit("/insights"))
    assert '<th scope="row">NPS</th><td class="num">0</td><td class="num">1</td>' in page
    assert "−100" in page


@pytest.mark.parametrize(
    ("language", "title", "left"),
    [
        ("es", "La mañana", "personas olvidadas"),
        ("pt", "A manhã", "pessoas esquecidas"),
        ("en", "Morning", "people left"),
    ],
)
def test_three_languages(desk: Desk, language: str, title: str, left: str) -> None:
    desk.hire("Rosa", RoleName.MANAGER, language)
    desk.say(BAD, 1)
    counted(desk)
    prove(desk.runtime, desk.runtime.clock())
    page = text(desk.browser("Rosa", language=language).visit("/insights"))
    assert f"<h1>{title}</h1>" in page
    assert left in page


def test_managers_see_it_first_and_agents_see_it_too(desk: Desk) -> None:
    camila = desk.browser("Camila")
    assert camila.visit("/insights").status_code == 200
    agent = text(camila.visit("/inbox"))
    assert agent.index("Inbox</a>") < agent.index("Morning</a>")
    manager = text(desk.browser("Lucia").visit("/inbox"))
    assert manager.index("Morning</a>") < manager.index("Inbox</a>")


def test_nobody_else_sees_it(desk: Desk) -> None:
    answer = desk.browser().visit("/insights")
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]


@pytest.mark.parametrize(
    "query",
    ["days=1", "days=7", "days=90", "days=0", "days=x", "channel=x", "metric=csat", "metric=x", "days=7&days=1"],
)
def test_whatever_is_asked_is_answered(desk: Desk, query: str) -> None:
    desk.say(BAD, 1)
    counted(desk)
    assert desk.browser("Patricia").visit(f"/insights?{query}").status_code == 200


def test_a_channel_is_chosen_and_named(desk: Desk) -> None:
    desk.say(BAD, 1)
    counted(desk)
    browser = desk.browser("Patricia")
    page = text(browser.visit(f"/insights?channel={desk.channel_id}&days=7"))
    assert f'<option value="{desk.channel_id}" selected>' in page
    assert f"/insights?days=28&channel={desk.channel_id}" in page.replace("&amp;", "&")
    assert "Cases of all channels" in page
    unknown = text(browser.visit("/insights?channel=01900000-0000-7000-8000-000000000000"))
    assert "unknown channel" in unknown
    assert "Nothing was said in this period." in unknown


def test_old_proofs_and_late_counts_are_admitted(desk: Desk, clock: Any) -> None:
    desk.say(BAD, 1)
    counted(desk)
    prove(desk.runtime, desk.runtime.clock())
    desk.say(BAD, 2)
    clock.at += timedelta(hours=1)
    page = text(desk.browser("Patricia").visit("/insights"))
    assert "the worker is probably not running" in page
    assert "Something has been waiting to be counted for 1 h" in page


def test_words_of_customers_cannot_become_markup(desk: Desk) -> None:
    desk.say("The delivery <script>alert(1)</script> was terrible", 1)
    counted(desk)
    page = desk.browser("Patricia").visit("/insights").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_page_costs_a_fixed_number_of_statements(desk: Desk) -> None:
    desk.say(BAD, 1)
    counted(desk)
    browser = desk.browser("Patricia")
    browser.visit("/insights")
    few = desk.statements(lambda: browser.visit("/insights"))
    for number in range(40):
        desk.say(BAD if number % 3 else None, number % 11)
    counted(desk)
    assert desk.statements(lambda: browser.visit("/insights")) == few
