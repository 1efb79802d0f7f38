"""From a complaint in the form to the chat room and the panel beside the case, as people see it; in the worker and with
both plugins in processes of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from voc_plugins.chatroom.fixtures import ChatServer
from voc_plugins.shop_card.fixtures import Shop

from tests.conftest import worker_of
from voc.core.vocabulary import RoleName
from voc.customers.identities import detach
from voc.model import Customer, Feedback, Identity, RuleDeed, RuleVersion
from voc.plugin_host.settings import change_settings
from voc.security.access import SYSTEM

RULE = {
    "name": "Enojados",
    "condition": 'stance == "detractor"',
    "fate": "",
    "notify": "notifier:chatroom",
    "plugin.0.name": "post",
    "plugin.0.on": "yes",
    "option.plugin.0.note": "Mirar hoy",
    "option.plugin.0.quote": "yes",
    "plugin.1.name": "post",
}
ANA = {"external_id": "c-7", "name": "Ana", "verified": True}


def plain(answer: Any) -> str:
    """What a person reads: no tags, entities resolved, spaces as one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def town(make_desk: Callable[..., Any], request: pytest.FixtureRequest) -> Iterator[tuple[Any, ChatServer, Shop]]:
    """A house with a chat room and a shop; the parameter names the plugins with processes of their own."""
    apart = getattr(request, "param", ())
    desk = make_desk(private_addresses="127.0.0.0/8", base_url="https://voc.example", plugins_isolated=apart)
    desk.hire("Camila")
    desk.hire("Patricia", RoleName.MANAGER)
    house = desk.runtime
    with ChatServer.running() as room, Shop.running() as shop:
        for plugin, options in (("chatroom", room.options), ("shop_card", shop.options)):
            with house.db.writing() as session:
                change_settings(
                    session, house.host, plugin, options, now=house.clock(), actor=SYSTEM, keys=house.keys
                )  # fmt: skip
        yield desk, room, shop


def fill_in(desk: Any, text: str) -> Any:
    """A customer fills in the public form, as a browser does; the feedback."""
    browser = desk.browser()
    page = browser.visit("/f/feedback").text
    hidden = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }
    answer = browser.client.post("/f/feedback", data={**hidden, "score": "0", "text": text})
    assert answer.status_code in (200, 303), answer.text
    worker_of(desk.runtime)()
    with desk.runtime.db.reading() as session:
        return session.scalars(select(Feedback).order_by(Feedback.id.desc()).limit(1)).one()


@pytest.mark.parametrize("town", [(), ("chatroom", "shop_card")], indirect=True, ids=["worker", "process"])
def test_from_the_complaint_to_the_room_and_the_panel(town: Any) -> None:
    desk, room, _shop = town
    assert desk.browser("Patricia").send("/rules", **RULE, do="save").status_code == 303
    said = fill_in(desk, "Nunca llegó <b>nada</b>")
    deed, notice = sorted(room.written, key=lambda item: "Mirar hoy" not in item[1]["text"])
    assert deed[1]["text"].startswith("*Mirar hoy*\nC-1 · ")
    assert "> Nunca llegó <\u200bb>nada" in deed[1]["text"]
    assert notice[1]["text"].startswith("*Enojados: caso C-1*")
    with desk.runtime.db.reading() as session:
        assert deed[0] == str(session.scalars(select(RuleDeed)).one().id)
    agent = desk.browser("Camila")
    page = agent.visit(f"/cases/{said.case_id}")
    assert "Write to the chat room: done" in plain(page)
    assert "It stands in the chat room." in plain(page)
    assert "Chat room is told" in plain(page)
    assert 'class="panel"' not in page.text  # nobody verified who wrote into the form
    worker_of(desk.runtime)()
    assert len(room.written) == 2

    desk.say("Otra vez nada", 0, **ANA)
    worker_of(desk.runtime)()
    with desk.runtime.db.reading() as session:
        second = session.scalars(select(Feedback).where(Feedback.id != said.id)).one()
        customer_id = session.scalars(select(Customer.id)).one()
    for path in (f"/cases/{second.case_id}", f"/customers/{customer_id}"):
        page = agent.visit(path)
        assert "In the shop" in plain(page)
        assert "Pedido 991 attention: en camino" in plain(page)
        assert "Devoluciones 0" in plain(page)
        assert 'href="https://shop.example/orders/991" rel="noopener noreferrer nofollow"' in page.text
        assert re.search(r"asked (now|just now|less|\d)", plain(page))
    assert len(room.written) == 4


def test_asking_again(town: Any) -> None:
    desk, _room, shop = town
    desk.say("mal", 0, **ANA)
    worker_of(desk.runtime)()
    with desk.runtime.db.reading() as session:
        case_id = session.scalars(select(Feedback.case_id)).one()
    agent = desk.browser("Camila")
    shop.known["external_id", "c-7"] = {"text": "<i>nuevo</i>", "rows": [{"label": "x", "value": "<script>"}]}
    assert agent.client.post(f"/cases/{case_id}/panels").status_code == 303  # without a token: nothing happens
    worker_of(desk.runtime)()
    assert "nuevo" not in agent.visit(f"/cases/{case_id}").text
    assert agent.send(f"/cases/{case_id}/panels").status_code == 303
    page = agent.visit(f"/cases/{case_id}")
    assert "It is being asked." in plain(page)
    assert "is being asked" in plain(page)
    worker_of(desk.runtime)()
    page = agent.visit(f"/cases/{case_id}").text
    assert "&lt;i&gt;nuevo&lt;/i&gt;" in page
    assert "&lt;script&gt;" in page
    shop.trouble = "denied"
    agent.send(f"/cases/{case_id}/panels")
    worker_of(desk.runtime)()
    page = plain(agent.visit(f"/cases/{case_id}"))
    assert "the shop at 127.0.0.1 answered 401; check the token" in page
    assert "<i>nuevo</i>" in page
    assert agent.send(f"/cases/{customer_of(desk)}/panels").status_code == 404
    assert agent.send(f"/customers/{customer_of(desk)}/panels").status_code == 303
    assert desk.browser().send(f"/cases/{case_id}/panels").status_code in (302, 303, 401)


def test_what_was_asked_with_an_identity_goes_with_it(town: Any) -> None:
    desk, _room, _shop = town
    desk.say("mal", 0, **ANA)
    worker_of(desk.runtime)()
    with desk.runtime.db.reading() as session:
        paths = [f"/cases/{session.scalars(select(Feedback.case_id)).one()}", f"/customers/{customer_of(desk)}"]
        identity_id = session.scalars(select(Identity.id)).one()
    agent = desk.browser("Camila")
    assert all("Pedido 991" in plain(agent.visit(path)) for path in paths)
    desk.runtime.clock.forward(minutes=1)
    with desk.runtime.db.writing() as session:
        detach(session, customer_of(desk), identity_id, actor=SYSTEM, version=1, now=desk.runtime.clock())
    for path in paths:
        page = plain(agent.visit(path))
        assert "Pedido 991" not in page, "these may be the orders of somebody else"
        assert "not asked yet" in page
    desk.runtime.clock.forward(minutes=1)
    agent.send(f"{paths[1]}/panels")
    worker_of(desk.runtime)()
    assert "Nothing is known there of this customer." in plain(agent.visit(paths[1]))


def customer_of(desk: Any) -> Any:
    with desk.runtime.db.reading() as session:
        return session.scalars(select(Customer.id)).one()


def test_the_form_of_a_rule(town: Any) -> None:
    desk, room, _shop = town
    boss = desk.browser("Patricia")
    page = boss.visit("/rules/new")
    assert "What plugins do" in plain(page)
    assert "Write to the chat room" in plain(page)
    tried = boss.send("/rules", **RULE, do="try")
    assert "What it would do: Chat room is told · Write to the chat room" in plain(tried)
    assert 'value="Mirar hoy"' in tried.text
    worker_of(desk.runtime)()
    assert room.written == []
    boss.send("/rules", **RULE, do="save")
    assert "Chat room is told" in plain(boss.visit("/rules"))
    with desk.runtime.db.reading() as session:
        version = session.scalars(select(RuleVersion).where(RuleVersion.name == "Enojados")).one()
    assert version.actions["plugin"] == [{"name": "post", "values": {"note": "Mirar hoy", "quote": True, "room": ""}}]
    again = boss.visit(f"/rules/{version.rule_id}").text
    assert re.search(r'name="plugin.0.on" value="yes" checked', again)
    assert 'value="notifier:chatroom" checked' in again
    gone = {**RULE, "plugin.0.name": "nobody", "plugin.0.kept": '{"a": 1}', "plugin.1.on": "yes", "seen": "1"}
    refused = boss.send(f"/rules/{version.rule_id}", **gone, do="save")
    assert refused.status_code == 422
    assert "No loaded plugin offers this action." in plain(refused)
    assert 'name="plugin.0.kept" value="{&#34;a&#34;: 1}"' in refused.text


def test_what_cannot_be_told_is_on_the_status_page(town: Any) -> None:
    desk, room, _shop = town
    desk.browser("Patricia").send("/rules", **RULE, do="save")
    room.trouble = "denied"
    desk.say("mal", 0)
    for _ in range(25):
        worker_of(desk.runtime)()
        desk.runtime.clock.forward(hours=2)
    page = plain(desk.browser("Patricia", language="es").visit("/status"))
    assert "delivery.notifier" in page
    assert "routing.deed" in page
    assert "sala de chat en 127.0.0.1 respondió 401; revisar la dirección del webhook" in page or "answered 401" in page
    assert "made-up" not in page
    with desk.runtime.db.reading() as session:
        case_id = session.scalars(select(Feedback.case_id)).first()
    shown = plain(desk.browser("Camila").visit(f"/cases/{case_id}"))
    assert "Write to the chat room: not done, it waits in quarantine" in shown
