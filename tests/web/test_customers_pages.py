"""The customer pages in a browser: who may see and change what, and that nothing typed is lost."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from voc.core.vocabulary import RoleName
from voc.model import Case, Customer, Feedback, Identity

from .conftest import text

ANA = {"external_id": "C-1", "name": "Ana <b>Muñoz</b>", "verified": True}


@pytest.fixture
def ana(desk: Any) -> UUID:
    """A customer who is unhappy."""
    feedback_id = desk.say("Nadie contesta <i>nunca</i>", 1, email="ana@example.com", **ANA)
    with desk.runtime.db.reading() as session:
        found: UUID = session.get_one(Feedback, feedback_id).customer_id
    return found


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def row(desk: Any, customer_id: UUID) -> Customer:
    with desk.runtime.db.reading() as session:
        found: Customer = session.get_one(Customer, customer_id)
        return found


def test_the_list_finds_people(desk: Any, ana: UUID) -> None:
    browser = desk.browser("Camila")
    for query in ("", "?q=ana", "?q=C-1"):
        page = browser.visit(f"/customers{query}")
        assert page.status_code == 200
        assert f'href="/customers/{ana}"' in page.text
        assert "<b>Muñoz" not in page.text
    assert "Customer number" in browser.visit("/customers?q=C-1").text
    assert "Nobody was found" in browser.visit("/customers?q=ana@example.com").text, "an address nobody verified"


def test_the_page_shows_everything_and_joins_nothing(desk: Any, ana: UUID) -> None:
    typed = desk.say("Soy Ana, creo", 2, name="Otra Ana", email="ana@example.com")
    page = text(desk.browser("Camila").visit(f"/customers/{ana}"))
    assert "Ana <b>Muñoz</b>" in page
    assert "Nadie contesta <i>nunca</i>" in page
    assert "C-1" in page
    assert "proved by the channel" in page
    assert "The case was opened" in page
    assert "Possibly the same address" in page
    assert f"/feedback/{typed}" in page
    with desk.runtime.db.reading() as session:
        case = session.scalars(select(Case).where(Case.customer_id == ana)).one()
    assert f'href="/cases/{case.id}"' in page
    other = desk.browser("Camila").visit(f"/cases/{case.id}").text
    assert f'href="/customers/{ana}"' in other
    assert "Everything about this customer" in other


def test_nobody_and_nothing(desk: Any, ana: UUID) -> None:
    assert desk.browser().visit(f"/customers/{ana}").status_code == 302
    browser = desk.browser("Camila")
    assert browser.visit(f"/customers/{uuid4()}").status_code == 404
    assert browser.visit(f"/customers/{ana}?after=nonsense").status_code == 422
    assert browser.visit("/customers?after=nonsense").status_code == 422


def test_the_profile_is_stored_once(desk: Any, ana: UUID) -> None:
    browser = desk.browser("Camila")
    page = browser.visit(f"/customers/{ana}").text
    path, values = f"/customers/{ana}/profile", {
        "name": "Ana María", "language": "pt", "segment": "oro", "value": "1 200", "preferred_channel": "phone",
    }  # fmt: skip
    assert browser.send(path, version=version_in(page), **values).status_code == 303
    shown = text(browser.visit(f"/customers/{ana}"))
    assert "Ana María" in shown
    assert "oro" in shown
    assert "1,200" in shown
    late = browser.send(path, version="1", **{**values, "segment": "plata"})
    assert late.status_code == 409
    assert 'value="plata"' in late.text, "what was typed is still there"
    assert row(desk, ana).segment == "oro"
    wrong = browser.send(path, version="2", **{**values, "value": "a lot", "language": "xx"})
    assert wrong.status_code == 422
    assert "Please give a whole number, 0 or more." in wrong.text
    assert 'value="a lot"' in wrong.text
    assert row(desk, ana).version == 2


def test_identities_are_for_managers(desk: Any, ana: UUID) -> None:
    path = f"/customers/{ana}/identities"
    agent = desk.browser("Camila")
    assert "Attach an identity" not in agent.visit(f"/customers/{ana}").text
    assert agent.send(path, kind="email", value="a@example.com", version="1").status_code == 403
    boss = desk.browser("Patricia")
    assert boss.send(path, kind="email", value="a@example.com", version="1").status_code == 303
    wrong = boss.send(path, kind="email", value="<nonsense>", version="2")
    assert wrong.status_code == 422
    assert "&lt;nonsense&gt;" in wrong.text
    assert boss.send(path, kind="planet", value="x", version="2").status_code == 422
    with desk.runtime.db.reading() as session:
        found = session.scalars(select(Identity).where(Identity.kind == "email")).one()
    shown = boss.visit(f"/customers/{ana}").text
    assert "verified by Patricia" in shown
    assert boss.send(f"{path}/{found.id}/detach", version="2").status_code == 303
    assert "a@example.com" not in boss.visit(f"/customers/{ana}").text
    assert boss.send(f"{path}/{found.id}/detach", version="3").status_code == 404
    assert boss.send(f"{path}/{uuid4()}/verify", version="3").status_code == 404


def test_a_possible_duplicate_is_settled(desk: Any, ana: UUID) -> None:
    desk.say("Hola", 9, email="x@example.com", verified=True)
    desk.say("Hola", 9, external_id="C-1", email="x@example.com", verified=["external_id", "email"])
    boss = desk.browser("Patricia")
    page = boss.visit(f"/customers/{ana}").text
    assert "Possibly the same customer" in page
    action = re.search(r'action="([^"]+/settle)"', page)
    assert action is not None
    assert desk.browser("Camila").send(action[1]).status_code == 403
    assert boss.send(action[1]).status_code == 303
    assert "Possibly the same customer" not in boss.visit(f"/customers/{ana}").text
    assert boss.send(action[1]).status_code == 409


def test_a_long_timeline_has_pages(desk: Any, ana: UUID) -> None:
    for number in range(40):
        desk.say(f"Otra vez {number}", 9, work=False, **ANA)
    desk.work()
    browser, path, seen = desk.browser("Camila"), f"/customers/{ana}", []
    while path:
        page = browser.visit(path).text
        seen += re.findall(r'id="feedback-([0-9a-f-]+)"', page)
        more = re.search(r'href="([^"]+)" rel="next"', page)
        path = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 41


def test_statements_do_not_grow(desk: Any, ana: UUID) -> None:
    browser = desk.browser("Camila")
    browser.visit(f"/customers/{ana}")
    before = [desk.statements(lambda p=path: browser.visit(p)) for path in (f"/customers/{ana}", "/customers?q=ana")]
    for number in range(15):
        desk.say(f"Otra vez {number}", number % 10, **ANA)
        desk.say("Hola", 9, **{**ANA, "external_id": f"D-{number}"})
    after = [desk.statements(lambda p=path: browser.visit(p)) for path in (f"/customers/{ana}", "/customers?q=ana")]
    assert after == before


@pytest.mark.parametrize("language", ["es", "pt"])
def test_pages_speak_the_readers_language(desk: Any, ana: UUID, language: str) -> None:
    desk.hire("Otro", RoleName.MANAGER, language)
    browser = desk.browser("Otro", language=language)
    page = text(browser.visit(f"/customers/{ana}"))
    assert "Clientes" in page
    assert "Customer" not in page
