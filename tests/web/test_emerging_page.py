"""Said more than usual, as people see it: on the Morning page, on its own, in three languages, and on to a topic."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from tests.web.conftest import Desk, text
from voc.core.vocabulary import RoleName
from voc.insights.emerging.keeping import begin, keep_phrases
from voc.insights.rollups import roll_up
from voc.model import Topic

CALM = ("The staff was friendly in the shop.", "I bought shoes, the size was wrong.")
BURST = "I was charged twice <b>on my card</b>, terrible."


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Six weeks of calm, and then six people who were charged twice."""
    clock = desk.runtime.clock
    end = clock()
    for number in range(42):
        clock.at = end - timedelta(days=42 - number)  # type: ignore[attr-defined]
        for said in CALM:
            desk.say(said, 9, work=False)
    clock.at = end - timedelta(hours=2)  # type: ignore[attr-defined]
    for score in range(6):
        desk.say(BURST, score, work=False)
    clock.at = end  # type: ignore[attr-defined]
    desk.work()
    for _ in range(2):
        roll_up(desk.runtime, clock())
        begin(desk.runtime, clock())
    assert keep_phrases(desk.runtime, clock())
    return desk


def test_it_is_on_the_morning_page_and_leads_to_its_own(told: Desk) -> None:
    browser = told.browser("Patricia")
    morning = text(browser.visit("/insights"))
    assert "Said more than usual" in morning
    address = re.search(r'href="(/insights/emerging\?day=[0-9-]+)"[^>]*>“charged', morning)
    assert address is not None
    answer = browser.visit(address[1])
    page = text(answer)
    assert "6 people" in page
    assert "100 % of them are unhappy" in page
    assert "would be usual" in page
    assert "&lt;b&gt;on my card" in answer.text
    assert "<b>on my card" not in answer.text
    assert browser.visit(re.findall(r'href="(/feedback\?q=[^"]+)"', page)[0]).status_code == 200
    assert 'href="/feedback/' in page


def test_one_press_fills_the_form_of_a_new_topic(told: Desk) -> None:
    browser = told.browser("Patricia")
    page = text(browser.visit("/insights/emerging"))
    address = unescape(re.findall(r'href="(/topics\?new=[^"]+)"', page)[0])
    form = text(browser.visit(address))
    assert re.search(r'id="new-key"[^>]*value="charged[a-z_]*"', form)
    assert re.search(r'name="names.en"[^>]*value="Charged', form)
    assert re.search(r'name="words.en"[^>]*>\s*charged', form)
    with told.runtime.db.reading() as session:
        keys = session.scalars(select(Topic.key)).all()
    assert not [key for key in keys if key.startswith("charged")], "nothing is saved by looking"


def test_an_agent_may_look_but_is_not_sent_to_the_taxonomy(told: Desk) -> None:
    page = text(told.browser("Camila").visit("/insights/emerging"))
    assert "charged" in page
    assert "/topics?new" not in page


@pytest.mark.parametrize(
    ("language", "title"),
    [("es", "Dicho más que de costumbre"), ("pt", "Dito mais que de costume"), ("en", "Said more than usual")],
)
def test_it_speaks_the_readers_language(told: Desk, language: str, title: str) -> None:
    told.hire("Rosa", RoleName.MANAGER, language)
    page = text(told.browser("Rosa", language=language).visit("/insights/emerging"))
    assert f"<h1>{title}</h1>" in page
    assert 'lang="en">“charged' in page if language != "en" else "“charged" in page


@pytest.mark.parametrize("query", ["", "?day=", "?day=x", "?day=0001-01-01", "?day=9999-12-31", "?day=2026-02-30"])
def test_whatever_is_asked_is_answered_also_by_an_empty_house(desk: Desk, query: str) -> None:
    answer = desk.browser("Patricia").visit(f"/insights/emerging{query}")
    assert answer.status_code == 200
    assert "Nothing stands out" in text(answer)


HOSTILE = "new=%3Cscript%3E&names.en=%22%3E%3Cscript%3E&words.en=%3C/textarea%3E%3Cscript%3E"


@pytest.mark.parametrize("query", ["new=", HOSTILE, "new=" + "x" * 5000])
def test_a_hostile_suggestion_is_only_text(desk: Desk, query: str) -> None:
    answer = desk.browser("Patricia").visit(f"/topics?{query}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "x" * 60 not in answer.text


def test_whoever_is_not_signed_in_sees_nothing(desk: Desk) -> None:
    answer = desk.browser().visit("/insights/emerging")
    assert (answer.status_code, "/login" in answer.headers["Location"]) == (302, True)
