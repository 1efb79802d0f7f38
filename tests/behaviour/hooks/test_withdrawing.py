"""Words that a customer takes back or changes: no notice says them afterwards, and nothing that rules and plugins keep
holds them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from voc.cases.escalate import sweep
from voc.core.errors import Invalid
from voc.delivery.queue import queue_notice
from voc.intake.changing import delete, edit
from voc.jobs.engine import Engine
from voc.model import Feedback, RuleDeed, Work, metadata
from voc.pipeline import verify
from voc.plugin_host.policy import Policy
from voc.routing.deeds.withdrawing import WITHDRAWN

WORDS = "Pésima atención del señor Quispe"
RULE = 'stance == "detractor" and text != "x" and facts.order != "y" and "quispe" in words'
MANIFEST = 'name = "parrot"\ncontract = 1\nactions = ["repeat", "refuse"]\n'
CODE = """\
from voc.plugin import Action, Done, Undeliverable, hookimpl

class Repeat(Action):
    name = "repeat"

    def run(self, ctx, deed):
        return Done(f"said: {deed.feedback.text}")

class Refuse(Action):
    name = "refuse"

    def run(self, ctx, deed):
        raise Undeliverable(f"nobody wants to hear {deed.feedback.text}")

@hookimpl
def voc_actions():
    return [Repeat(), Refuse()]
"""


@pytest.fixture
def parrot(place: Any) -> Any:
    """A plugin that repeats what it hears, in what it did and in why it could not."""
    folder: Path = place.runtime.settings.instance / "plugins" / "parrot"
    folder.mkdir(parents=True)
    (folder / "plugin.toml").write_text(MANIFEST, encoding="utf-8")
    (folder / "__init__.py").write_text(CODE, encoding="utf-8")
    place.runtime.host.apply(Policy(in_worker=frozenset("*")))
    return place


def withdraw(place: Any, feedback_id: Any) -> None:
    """As a door does when the customer deletes what was said."""
    with place.runtime.db.writing() as session:
        assert delete(session, feedback_id, now=place.runtime.clock())


def flow(place: Any) -> None:
    Engine(place.runtime, worker="test").drain("flow")


def holding(place: Any, words: str) -> list[str]:
    """The tables in which the words still stand somewhere."""
    with place.runtime.db.reading() as session:
        rows = {name: session.execute(select(table)).all() for name, table in metadata.tables.items()}
    return sorted(name for name, found in rows.items() if any(words in str(value) for row in found for value in row))


def test_words_that_are_taken_back_are_gone_from_every_table(parrot: Any) -> None:
    parrot.rule(condition=RULE, plugin=[{"name": "repeat"}, {"name": "refuse"}], notify=["notifier:chatroom", "lead"])
    parrot.room.trouble = "busy"
    feedback_id = parrot.say(WORDS)
    assert {"rule_deed", "rule_match", "work"} <= set(holding(parrot, "Quispe"))
    withdraw(parrot, feedback_id)
    parrot.work()
    assert holding(parrot, "Quispe") == []
    done, refused = sorted(parrot.all(RuleDeed), key=lambda deed: deed.place)
    assert (done.done_at is not None, done.text) == (True, "")
    assert parrot.get(Work, refused.id).error == WITHDRAWN
    parrot.room.trouble = None
    parrot.runtime.clock.forward(hours=1)
    parrot.work()
    ((_, body),) = parrot.room.written
    assert "Enojados" in body["text"]
    assert "palabras del cliente" not in body["text"]


def test_a_notice_that_waits_holds_no_words_at_all(place: Any) -> None:
    place.rule(notify=["notifier:chatroom", "lead"])
    place.say(WORDS, work=False)
    flow(place)
    place.runtime.clock.forward(days=30)
    sweep(place.runtime, place.runtime.clock())
    waiting = [row for row in place.all(Work) if row.kind.startswith("delivery.")]
    assert {row.kind for row in waiting} == {"delivery.notifier", "delivery.notice"}
    assert [row for row in waiting if "Quispe" in str(row.data)] == []
    place.work()
    assert all(f"«{WORDS}»" in body["text"] for _, body in place.room.written)
    assert len(place.room.written) >= 2


def test_a_notice_says_the_words_as_they_are_when_it_goes(place: Any) -> None:
    place.rule(notify=["notifier:chatroom"])
    feedback_id = place.say(WORDS, work=False)
    flow(place)
    with place.runtime.db.writing() as session:
        receipt_id = session.get_one(Feedback, feedback_id).receipt_id
        edit(
            session, feedback_id, text="Mala atención", at=place.runtime.clock(), receipt_id=receipt_id,
            now=place.runtime.clock(),
        )  # fmt: skip
    place.work()
    ((_, body),) = place.room.written
    assert "«Mala atención»" in body["text"]
    assert "Quispe" not in body["text"]


def test_words_that_go_while_the_plugin_has_them_do_not_come_back(parrot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin was called before they were taken back, and what it said is written down after."""
    parrot.rule(plugin=[{"name": "repeat"}])
    feedback_id = parrot.say(WORDS, work=False)
    flow(parrot)
    handler = parrot.runtime.registry.handlers["routing.deed"]
    prepare = handler.prepare

    def slowly(runtime: Any, items: Any) -> Any:
        done = prepare(runtime, items)
        withdraw(parrot, feedback_id)
        flow(parrot)
        return done

    monkeypatch.setitem(parrot.runtime.registry.handlers, handler.kind, replace(handler, prepare=slowly))
    parrot.work()
    (deed,) = parrot.all(RuleDeed)
    assert (deed.done_at is not None, deed.text) == (True, "")
    assert holding(parrot, "Quispe") == []


def test_what_is_ordered_after_they_went_is_done_without_them(parrot: Any) -> None:
    parrot.rule(plugin=[{"name": "repeat"}])
    feedback_id = parrot.say(WORDS, work=False)
    flow(parrot)
    withdraw(parrot, feedback_id)
    parrot.work()
    (deed,) = parrot.all(RuleDeed)
    assert deed.done_at is not None
    assert holding(parrot, "Quispe") == []


def test_verify_finds_what_was_left(parrot: Any) -> None:
    parrot.rule(plugin=[{"name": "repeat"}])
    feedback_id = parrot.say(WORDS)
    withdraw(parrot, feedback_id)
    house = parrot.runtime
    # While the withdrawal waits to be followed, what it takes away is no hole.
    assert "deed.words" not in {found.check for found in verify.verify(house, now=house.clock()).findings}
    parrot.work()
    assert verify.verify(house, now=house.clock()).findings == ()
    with house.db.writing() as session:
        session.execute(update(RuleDeed).values(text="said: Quispe"))
    (found,) = verify.verify(house, now=house.clock()).findings
    assert (found.invariant, found.check, found.count) == ("I10", "deed.words", 1)


def test_a_notice_is_given_no_words(place: Any) -> None:
    house = place.runtime
    with house.db.writing() as session, pytest.raises(Invalid):
        queue_notice(
            session, user_id=place.channel_id, template="rule", variables={"voice": WORDS}, now=house.clock()
        )  # fmt: skip
