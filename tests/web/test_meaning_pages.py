"""Searching by meaning, what is similar, what says nearly the same: on the pages and over the API."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from tests.encoders import no_package, words_encoder
from tests.web.conftest import Desk
from voc.core.vocabulary import RoleName
from voc.jobs.engine import Engine
from voc.model import EmbeddingRun

__all__ = ["no_package", "words_encoder"]


def found(page: str) -> list[str]:
    return re.findall(r'class="row__who" href="/feedback/([0-9a-f-]+)"', page)


@pytest.fixture
def meaning(make_desk: Callable[..., Desk], words_encoder: None) -> Desk:
    """A house that makes meanings, with an agent and an administrator."""
    desk = make_desk(embeddings=True)
    desk.hire("Camila")
    desk.hire("Lucia", RoleName.ADMIN)
    return desk


def done(desk: Desk) -> None:
    desk.work()
    Engine(desk.runtime, worker="test").drain("spare")


def test_the_list_is_searched_by_meaning_and_says_so(meaning: Desk) -> None:
    cold, _other = meaning.say("La comida llegó fría", 2), meaning.say("La tienda es bonita y grande", 9)
    done(meaning)
    browser = meaning.browser("Camila")
    assert found(browser.visit("/feedback?q=cold+food").text) == [], "no such words"
    page = browser.visit("/feedback?q=cold+food&by=meaning").text
    assert found(page) == [str(cold)]
    assert "compared by words 1" in page
    assert '<option value="meaning" selected>' in page
    assert 'href="/feedback?q=cold+food&amp;stance=detractor&amp;by=meaning"' in page, "it stays when filters change"
    assert found(browser.visit("/feedback?q=cold+food&by=meaning&stance=promoter").text) == []
    assert "status page says how far" in browser.visit("/feedback?q=xyzzy&by=meaning").text
    assert len(found(browser.visit("/feedback?by=meaning").text)) == 2, "nothing asked: everything"
    for typed in ("%00", "%ED%A0%80", "a" * 3000, "<script>"):
        assert browser.visit(f"/feedback?by=meaning&q={typed}").status_code == 200


def test_without_the_setting_nothing_is_offered(desk: Any) -> None:
    one = desk.say("La comida llegó fría", 2)
    browser = desk.browser("Camila")
    page = browser.visit("/feedback?q=comida&by=meaning").text
    assert found(page) == [str(one)], "searched by words"
    assert 'name="by"' not in page
    assert "Similar feedback" not in browser.visit(f"/feedback/{one}").text
    status = browser.visit("/status").text if browser.visit("/status").status_code == 200 else ""
    admin = desk.browser("Lucia").visit("/status").text
    assert "VOC_EMBEDDINGS=yes" in (status or admin)
    assert "voc-server[embeddings]" in admin
    assert found(browser.visit(f"/feedback/{one}/alike").text) == [str(one)]


def test_without_the_package_the_status_page_says_what_to_install(
    make_desk: Callable[..., Desk], no_package: None
) -> None:
    desk = make_desk(embeddings=True)
    desk.hire("Lucia", RoleName.ADMIN)
    browser = desk.browser("Lucia")
    page = browser.visit("/status").text
    assert "its package is not installed here" in page
    assert "voc-server[embeddings]" in page
    assert browser.send("/meaning/runs").status_code == 303
    with desk.runtime.db.reading() as session:
        assert session.query(EmbeddingRun).count() == 0


def test_what_says_nearly_the_same_is_one_line_away(meaning: Desk) -> None:
    first = meaning.say("Llevo dos semanas esperando mi pedido", 1)
    second = meaning.say("llevo dos semanas esperando mi pedido!!", 1)
    third = meaning.say("Dos semanas esperando mi pedido llevo", 1)
    near = meaning.say("Llevo dos semanas esperando la factura", 1)
    done(meaning)
    browser = meaning.browser("Camila")
    page = browser.visit("/feedback").text
    assert page.count("and 2 more like this") == 3
    page = browser.visit(f"/feedback/{first}/alike").text
    assert found(page) == [str(third), str(second), str(first)]
    assert "put together by words 1" in page
    page = browser.visit(f"/feedback/{second}").text
    assert "and 2 more like this" in page
    assert f'href="/feedback/{near}"' in page
    assert f'href="/feedback/{first}"' not in page, "what says the same is behind its own link"
    assert browser.visit(f"/feedback/{uuid4()}/alike").status_code == 404


def test_the_past_is_made_on_request_and_can_be_stopped(meaning: Desk) -> None:
    meaning.runtime.settings = replace(meaning.runtime.settings, embeddings=False)
    for number in range(20):
        meaning.say(f"La comida número {number}", 1, work=False)
    meaning.work()
    meaning.runtime.settings = replace(meaning.runtime.settings, embeddings=True)
    browser, agent = meaning.browser("Lucia"), meaning.browser("Camila")
    assert agent.send("/meaning/runs").status_code in (302, 403, 404)
    assert "Make what is missing" in browser.visit("/status").text
    assert browser.send("/meaning/runs").status_code == 303
    Engine(meaning.runtime, worker="test").drain("spare", limit=1)
    page = browser.visit("/status").text
    assert "16 of 20 of the past were looked at." in page
    stop = re.search(r'action="(/meaning/runs/[0-9a-f-]+)/stop"', page)
    assert stop is not None
    assert browser.send(f"{stop[1]}/stop").status_code == 303
    assert "Go on" in browser.visit("/status").text
    assert browser.send(f"{stop[1]}/resume").status_code == 303
    done(meaning)
    page = browser.visit("/status").text
    assert "20 texts are ready." in page
    assert "The past: 20 were looked at." in page
