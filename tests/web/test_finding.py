"""The search box above the list of feedback, in the browser and over the API."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

HOSTILE = ['"', "*", "-", "NOT (", "':*", "%00", "%ED%A0%80", "%FF", "a" * 3000, "<script>alert(1)</script>", "ﷺ"]


def found(page: str) -> list[str]:
    return re.findall(r'class="row__who" href="/feedback/([0-9a-f-]+)"', page)


def test_the_box_finds_and_marks(desk: Any) -> None:
    one = desk.say("El pedido llegó ROTO <b>y</b> nadie contesta", 2)
    desk.say("Todo bien", 9)
    browser = desk.browser("Camila")
    page = browser.visit("/feedback?q=roto").text
    assert found(page) == [str(one)]
    assert '<mark class="evidence evidence--plain">ROTO</mark>' in page
    assert "&lt;b&gt;" in page
    assert 'value="roto"' in page
    assert len(found(browser.visit("/feedback").text)) == 2
    assert len(found(browser.visit("/feedback?q=%20").text)) == 2


def test_a_late_place_is_shown(desk: Any) -> None:
    desk.say("Nada de eso importa. " * 40 + "Al final se perdió la factura." + " Más texto." * 40, 2)
    page = desk.browser("Camila").visit("/feedback?q=factura").text
    assert '<mark class="evidence evidence--plain">factura</mark>' in page
    assert "…" in page


def test_filters_stay_when_something_else_is_chosen(desk: Any) -> None:
    bad, good = desk.say("Mala entrega", 1), desk.say("Buena entrega", 10)
    browser = desk.browser("Camila")
    page = browser.visit("/feedback?q=entrega&period=7&language=es").text
    assert 'href="/feedback?q=entrega&amp;stance=detractor&amp;language=es&amp;period=7"' in page
    assert '<option value="7" selected>' in page
    assert '<option value="es" selected>' in page
    assert found(browser.visit("/feedback?q=entrega&stance=detractor&period=7").text) == [str(bad)]
    assert found(browser.visit("/feedback?stance=promoter&period=1").text) == [str(good)]
    assert found(browser.visit("/feedback?channel=feedback").text) == []
    slug = re.search(r'<option value="(api[^"]*)"', page)
    assert slug is not None
    assert len(found(browser.visit(f"/feedback?channel={slug[1]}").text)) == 2
    assert len(found(browser.visit("/feedback?channel=nonsense&language=xx&period=9&stance=x").text)) == 2


def test_show_more_keeps_the_question(desk: Any) -> None:
    for number in range(55):
        desk.say(f"Mala entrega {number}", 1, work=False)
    desk.work()
    browser = desk.browser("Camila")
    first = browser.visit("/feedback?q=entrega&stance=detractor").text
    more = re.search(r'href="([^"]+)" rel="next"', first)
    assert more is not None
    second = browser.visit(more[1].replace("&amp;", "&")).text
    assert len(set(found(first) + found(second))) == 55
    key = re.search(r"after=([^&\"]+)", more[1])
    assert key is not None
    assert browser.visit(f"/feedback?q=otra&after={key[1]}").status_code == 422, "a key of another question"


def test_nothing_found_teaches(desk: Any) -> None:
    browser = desk.browser("Camila")
    assert "Nothing was found" in browser.visit("/feedback?q=nunca").text
    assert "Nothing to search for" in browser.visit("/feedback?q=-nunca").text
    assert "Nothing here yet" in browser.visit("/feedback").text


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_questions(desk: Any, typed: str) -> None:
    desk.say("algo", 2)
    browser = desk.browser("Camila")
    for path in ("/feedback", "/customers"):
        answer = browser.visit(f"{path}?q={typed if '%' in typed else quote(typed)}")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text


def test_statements_do_not_grow(desk: Any) -> None:
    desk.say("entrega", 2)
    browser = desk.browser("Camila")
    browser.visit("/feedback")
    before = desk.statements(lambda: browser.visit("/feedback?q=entrega&language=es&period=7"))
    for number in range(12):
        desk.say(f"entrega {number}", 2)
    assert desk.statements(lambda: browser.visit("/feedback?q=entrega&language=es&period=7")) == before
