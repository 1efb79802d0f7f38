"""What rules have plugins do (`voc_actions`): checked when saved, done once, tried again, never lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, update

from voc.core.errors import Invalid
from voc.core.vocabulary import Stance, WorkState
from voc.jobs import outbox
from voc.jobs.engine import Engine
from voc.model import RuleDeed, RuleVersion, Work
from voc.pipeline.correct import correct_stance
from voc.routing.again import ask_again
from voc.routing.deeds.queries import deeds_of
from voc.routing.saving import save_rule
from voc.security.access import SYSTEM

POST = {"name": "post", "values": {"note": "Mirar hoy"}}
CONDITION = 'stance == "detractor"'


def views(place: Any, feedback_id: Any) -> list[Any]:
    with place.runtime.db.reading() as session:
        return [view for found in deeds_of(session, [feedback_id]).values() for view in found]


def test_a_rule_has_it_done_once_and_it_is_on_record(place: Any) -> None:
    place.rule(plugin=[POST, {"name": "post", "values": {"room": "#jefes", "quote": False}}])
    feedback_id = place.say("Pésima atención @channel <!here> [banco](http://x)", external_id="c-7", verified=True)
    (first, body), (second, other) = place.room.written
    deeds = sorted(place.all(RuleDeed), key=lambda deed: deed.place)
    assert [first, second] == [str(deed.id) for deed in deeds]
    assert body["text"].startswith("*Mirar hoy*\nC-1 · NPS 0 · ")
    assert "> Pésima atención @\u200bchannel <\u200b!here> [banco]\u200b(http://x)" in body["text"]
    assert body["text"].endswith(f"https://voc.example/cases/{place.newest().case_id}")
    assert other["channel"] == "#jefes"
    assert "Pésima" not in other["text"]
    assert [(view.state, view.text) for view in views(place, feedback_id)] == [
        ("done", "It stands in the chat room."),
        ("done", "It stands in the chat room #jefes."),
    ]


def test_handled_twice_it_has_the_same_id(place: Any) -> None:
    """The worker dies between the answer of the room and its own mark: the next one says the same under the same id."""
    place.rule(plugin=[POST])
    feedback_id = place.say("mal", work=False)
    engine = Engine(place.runtime, worker="first")
    engine.drain("flow")
    with place.runtime.db.writing() as session:
        now = place.runtime.clock()
        (item,) = outbox.claim(session, lane="door", worker="dead", now=now, limit=1, lease=now - now)
    handler = place.runtime.registry.handlers[item.kind]
    assert handler.prepare is not None
    handler.prepare(place.runtime, [item])
    assert views(place, feedback_id)[0].state == "waiting"
    from voc.delivery import memory

    memory._memories.clear()  # what the dead worker remembered died with it
    place.runtime.clock.forward(minutes=5)
    place.work()
    assert [key for key, _ in place.room.written] == [str(item.id)] * 2
    assert views(place, feedback_id)[0].state == "done"
    place.work()
    assert len(place.room.written) == 2


def test_a_room_that_cannot_now_is_tried_again_when_it_said(place: Any) -> None:
    place.rule(plugin=[POST])
    place.room.trouble = "busy"
    feedback_id = place.say("mal")
    (view,) = views(place, feedback_id)
    assert view.state == "retrying"
    assert "answered 429" in view.text
    (work,) = [row for row in place.all(Work) if row.kind == "routing.deed"]
    assert (work.due_at - place.runtime.clock()).total_seconds() > 6
    place.room.trouble = None
    place.runtime.clock.forward(minutes=1)
    place.work()
    assert [view.state for view in views(place, feedback_id)] == ["done"]
    assert len(place.room.written) == 1


def test_what_cannot_be_done_waits_in_quarantine_with_its_reason(place: Any) -> None:
    place.rule(plugin=[POST])
    house = place.runtime
    feedback_id = place.say("mal", work=False)
    Engine(house, worker="test").drain("flow")
    with house.db.writing() as session:
        session.execute(update(RuleDeed).values(action="sing"))
    place.work()
    (view,) = views(place, feedback_id)
    assert (view.state, view.text) == ("quarantined", "Permanent: no loaded plugin offers the action sing")
    with house.db.writing() as session:
        session.execute(update(RuleDeed).values(action="post"))
        (work,) = [row for row in place.all(Work) if row.state is WorkState.QUARANTINED]
        assert outbox.release(session, work.id, now=house.clock())
    place.work()
    assert [view.state for view in views(place, feedback_id)] == ["done"]


def test_without_its_settings_it_says_which_one_is_missing(place: Any) -> None:
    place.rule(plugin=[POST])
    house = place.runtime
    from voc.plugin_host.settings import change_settings

    with house.db.writing() as session, pytest.raises(Invalid):
        change_settings(
            session, house.host, "chatroom", {}, forget=["webhook"], now=house.clock(), actor=SYSTEM, keys=house.keys
        )
    from voc.model import PluginSetting

    with house.db.writing() as session:
        session.execute(update(PluginSetting).where(PluginSetting.name == "chatroom").values(secrets=None))
    (view,) = views(place, place.say("mal"))
    assert view.state == "quarantined"
    assert "plugin chatroom needs webhook" in view.text


def test_values_that_fit_no_more_are_said(place: Any) -> None:
    place.rule(plugin=[POST])
    with place.runtime.db.writing() as session:
        session.execute(update(RuleVersion).where(RuleVersion.name == "Enojados").values(
            actions={"plugin": [{"name": "post", "values": {"colour": "red"}}]}
        ))  # fmt: skip
    (view,) = views(place, place.say("mal"))
    assert view.state == "quarantined"
    assert "the action post does not take what the rule says: colour: no such option" in view.text


@pytest.mark.parametrize(
    ("plugin", "places"),
    [
        ([{"name": "nobody"}], {"plugin.0"}),
        (
            [POST, {"name": "post", "values": {"quote": "perhaps", "colour": "red"}}],
            {"plugin.1.quote", "plugin.1.colour"},
        ),
        ("post", {"plugin"}),
        (["post"], {"plugin.0"}),
        ([{"name": "post", "more": 1}], {"plugin.0"}),
        ([{"name": "post", "values": {"note": "x" * 20_000}}], {"plugin.0"}),
        ([{"name": "post", "values": {"note": "a\x00b"}}], {"plugin.0"}),
        ([POST] * 6, {"plugin"}),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(place: Any, plugin: Any, places: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        place.rule(plugin=plugin)
    assert set(refused.value.fields) == places


def test_running_again_does_nothing_twice_and_asks_no_plugin(place: Any) -> None:
    feedback_id = place.say("mal")
    rule_id = place.rule(plugin=[POST])
    with place.runtime.db.writing() as session:
        ask_again(session, actor=SYSTEM, since=None, now=place.runtime.clock())
    place.work()
    assert place.room.written == []
    other = place.say("peor")
    assert len(place.room.written) == 1
    with place.runtime.db.writing() as session:
        correct_stance(session, other, actor=SYSTEM, stance=Stance.PASSIVE, now=place.runtime.clock())
    with place.runtime.db.writing() as session:
        correct_stance(session, other, actor=SYSTEM, stance=Stance.DETRACTOR, now=place.runtime.clock())
    place.work()
    assert len(place.room.written) == 1
    assert views(place, feedback_id) == []
    assert rule_id is not None


def test_its_price_does_not_grow_with_the_batch(place: Any) -> None:
    place.rule(plugin=[POST, POST], notify=["notifier:chatroom"])

    def statements(count: int) -> int:
        for _ in range(count):
            place.say("mal", work=False)
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(place.runtime.db.engine, "before_cursor_execute", listener)
        Engine(place.runtime, worker="test").drain("flow")
        event.remove(place.runtime.db.engine, "before_cursor_execute", listener)
        return len(seen)

    few, many = statements(2), statements(20)
    assert many <= few + 4, (few, many)


def test_whoever_may_not_write_rules_orders_nothing(place: Any) -> None:
    from voc.core.errors import Forbidden
    from voc.core.vocabulary import RoleName
    from voc.security.access import Actor

    agent = Actor(user_id=None, role=RoleName.AGENT, team_ids=frozenset(), name="agent")
    with place.runtime.db.writing() as session, pytest.raises(Forbidden):
        save_rule(
            session, None, actor=agent, name="x", condition=CONDITION, actions={"plugin": [POST]},
            now=place.runtime.clock(),
        )  # fmt: skip
