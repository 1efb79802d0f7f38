"""Slots of pages (`voc_slots`): asked in the worker, kept with their age, only about whom was verified."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from voc_plugins.shop_card.fixtures import CARD

from voc.cases.panels.asking import ask_about
from voc.cases.panels.reading import MOST_ROWS, data_of, until_of
from voc.core.vocabulary import CaseState
from voc.model import Case, Customer, SlotPanel, Work
from voc.plugin import Panel, Row
from voc.plugin_host.masking import masker

ANA = {"external_id": "c-7", "email": "ana@example.com", "verified": True}
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


def panels(place: Any) -> dict[str, SlotPanel]:
    return {panel.slot: panel for panel in place.all(SlotPanel)}


def test_a_case_and_its_customer_have_their_panels(place: Any) -> None:
    place.say("mal", **ANA)
    found = panels(place)
    (customer,) = place.all(Customer)
    assert set(found) == {"shop", "shop-customer"}
    assert found["shop"].subject_id == place.newest().case_id
    assert found["shop-customer"].subject_id == customer.id
    for panel in found.values():
        assert (panel.error, panel.asked_at, panel.customer_id) == (None, None, customer.id)
        assert panel.data["text"] == CARD["text"]
        assert [row["value"] for row in panel.data["rows"]] == ["en camino", "0"]
        assert panel.until is not None
    assert place.shop.asked == [{"external_id": ["c-7"]}] * 2


def test_nobody_is_asked_about_who_was_not_verified(place: Any) -> None:
    place.say("mal", email="ana@example.com")
    assert place.all(SlotPanel) == []
    assert place.shop.asked == []


def test_whom_the_shop_does_not_know_has_an_empty_panel(place: Any) -> None:
    place.say("mal", external_id="c-99", verified=True)
    assert [(panel.data, panel.error) for panel in panels(place).values()] == [(None, None)] * 2


def test_a_further_message_asks_again(place: Any) -> None:
    place.say("mal", **ANA)
    place.shop.known["external_id", "c-7"] = {"rows": [{"label": "Pedido", "value": "entregado"}]}
    place.say("ya llegó, pero roto", 1, **ANA)
    assert [panel.data["rows"][0]["value"] for panel in panels(place).values()] == ["entregado"] * 2


def test_a_shop_that_fails_leaves_its_sentence_and_the_last_data(place: Any) -> None:
    place.say("mal", **ANA)
    place.shop.trouble = "denied"
    place.runtime.clock.forward(minutes=20)
    with place.runtime.db.writing() as session:
        panel = panels(place)["shop"]
        assert ask_about(session, [(panel.subject_id, panel.customer_id)], now=place.runtime.clock()) == 2
        assert ask_about(session, [(panel.subject_id, panel.customer_id)], now=place.runtime.clock()) == 0
    place.work()
    for panel in panels(place).values():
        assert panel.error == "the shop at 127.0.0.1 answered 401; check the token"
        assert panel.data is not None
        assert panel.filled_at < place.runtime.clock() - timedelta(minutes=19)
    place.shop.trouble = None
    for _ in range(8):
        place.runtime.clock.forward(minutes=30)
        place.work()
    assert [panel.error for panel in panels(place).values()] == [None, None]
    assert [row for row in place.all(Work) if row.kind == "cases.panel"] == []


def test_what_is_past_its_time_is_asked_by_itself_while_the_case_is_open(place: Any) -> None:
    place.say("mal", **ANA)
    sweep = place.runtime.registry.periodic["cases.panels"].run
    sweep(place.runtime, place.runtime.clock())
    place.work()
    assert len(place.shop.asked) == 2
    place.runtime.clock.forward(minutes=61)
    sweep(place.runtime, place.runtime.clock())
    place.work()
    assert len(place.shop.asked) == 4


@pytest.mark.parametrize("minutes", [-1, 10_081, 10**30])
def test_a_pause_that_cannot_be_is_a_sentence_and_nobody_is_asked(place: Any, minutes: int) -> None:
    place.set("shop_card", refresh_minutes=minutes)
    place.say("mal", **ANA)
    assert {panel.error for panel in panels(place).values()} == {"refresh_minutes must be from 0 (never) to 10080"}
    assert place.shop.asked == []


@pytest.mark.parametrize(("minutes", "days"), [(0, None), (10_080, 7)])
def test_the_longest_pause_is_a_week(place: Any, minutes: int, days: int | None) -> None:
    place.set("shop_card", refresh_minutes=minutes)
    place.say("mal", **ANA)
    lengths = [panel.until and panel.until - panel.filled_at for panel in panels(place).values()]
    assert [length and round(length / timedelta(days=1), 3) for length in lengths] == [days] * 2


def test_what_belongs_to_a_closed_case_is_not_looked_at_for_ever(place: Any) -> None:
    place.say("mal", **ANA)
    with place.runtime.db.writing() as session:
        session.execute(update(Case).values(state=CaseState.RESOLVED))
    place.runtime.clock.forward(minutes=61)
    place.runtime.registry.periodic["cases.panels"].run(place.runtime, place.runtime.clock())
    place.work()
    assert len(place.shop.asked) == 2
    assert [(panel.until, panel.data is None) for panel in panels(place).values()] == [(None, False)] * 2


def test_a_secret_of_the_plugin_stands_in_no_panel() -> None:
    masked = masker({"token": "s3cret/x"})
    rows = (Row("s3cret/x", "a s3cret/x", "https://shop.example/?t=s3cret%2Fx"), Row("a", "b", "https://shop.example/"))
    data = data_of(Panel(rows, "s3cret/x"), masked)
    assert "s3cret" not in str(data)
    assert [row["link"] for row in data["rows"]] == [None, "https://shop.example/"]


def test_without_settings_nothing_is_asked_or_kept(place: Any) -> None:
    from sqlalchemy import delete

    from voc.model import PluginSetting

    with place.runtime.db.writing() as session:
        session.execute(delete(PluginSetting).where(PluginSetting.name == "shop_card"))
    place.say("mal", **ANA)
    assert place.all(SlotPanel) == []
    assert [row for row in place.all(Work) if row.kind.startswith("cases.panel")] == []


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://shop.example/1", True),
        ("http://shop.example/1", False),
        ("javascript:alert(1)", False),
        ("https://a@b.example/", False),
        ("https://[::1", False),
        ("https:///x", False),
        ("https://x.example/\n", False),
        (7, False),
    ],
)
def test_links_lead_where_they_say(link: Any, kept: bool) -> None:
    data = data_of(Panel((Row("a", "b", link),)))
    assert data["rows"][0]["link"] == (link if kept else None)


def test_what_a_plugin_gives_is_cut_to_what_can_be_drawn() -> None:
    rows: Any = (*(Row("x" * 500, "y " * 5000, tone="red") for _ in range(50)), "no row", None)  # type: ignore[arg-type]
    data = data_of(Panel(rows, "z\x00" * 5000))
    assert len(data["rows"]) == MOST_ROWS
    assert all(len(row["label"]) <= 81 and len(row["value"]) <= 301 and row["tone"] == "plain" for row in data["rows"])
    assert "\x00" not in data["text"]
    assert until_of(Panel(until=NOW - timedelta(days=1)), NOW) == NOW + timedelta(minutes=5)
    assert until_of(Panel(until=datetime(2026, 3, 5)), NOW) is None
