"""Understanding again what came in before: in the background, to be stopped, resumed and killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from voc.core.errors import Conflict, Forbidden, NotFound
from voc.core.ids import new_id
from voc.core.vocabulary import ObligationState, RoleName, Stance
from voc.jobs.engine import Engine
from voc.model import Analysis, AnalysisRun, Feedback, RollupTopic
from voc.pipeline.correct import correct_label
from voc.pipeline.redo.run import PAGE, ask_redo, resume_redo, stop_redo
from voc.security.access import SYSTEM, Actor

# Does pages of the instance in argv[1] and says so after each; whoever reads that may kill it at any moment.
WORKER = """
import sys
from pathlib import Path
from voc.core.settings import load
from voc.jobs.engine import Engine
from voc.runtime.instance import open_instance
runtime = open_instance(load({}, instance=Path(sys.argv[1]), database_url=sys.argv[2]), create=False)
engine = Engine(runtime, worker="doomed")
while engine.drain("spare", limit=1):
    print("page", flush=True)
"""


def ordered(house: Any, **more: Any) -> Any:
    with house.runtime.db.writing() as session:
        return ask_redo(
            session, actor=SYSTEM, since=None, now=house.runtime.clock(), **{"topics_only": True, **more}
        ).id


def test_past_feedback_follows_new_words(house: Any) -> None:
    said, other = house.say("The zipper broke", 2), house.say("All fine", 9)
    assert "zippers" not in house.topics_of(said)
    house.topic("zippers", "zipper*", new=True)
    run = house.redo()
    assert (run.total, run.seen, run.changed, run.stopped) == (2, 2, 1, False)
    assert "zippers" in house.topics_of(said)
    first, second = house.readings(said)
    assert (first.label, first.analyzer, first.version) == (second.label, second.analyzer, second.version)
    assert first.result["sentiment"] == second.result["sentiment"]
    assert len(house.readings(other)) == 1
    house.counted()
    assert any(row.topic == "zippers" for row in house.all(RollupTopic))
    house.sound()


def test_again_it_changes_nothing(house: Any) -> None:
    house.say("The zipper broke", 2)
    house.topic("zippers", "zipper*", new=True)
    assert house.redo().changed == 1
    count = len(house.all(Analysis))
    assert house.redo().changed == 0
    assert house.redo(topics_only=False).changed == 0
    assert len(house.all(Analysis)) == count
    house.sound()


def test_a_person_s_word_stays(house: Any) -> None:
    topics, label = house.say("The zipper broke", 2), house.say("Another zipper broke", 2)
    house.corrected(topics, "price")
    with house.runtime.db.writing() as session:
        correct_label(session, label, actor=house.boss, label="neutral", now=house.runtime.clock())
    house.topic("zippers", "zipper*", new=True)
    for topics_only in (True, False):
        assert house.redo(topics_only=topics_only).changed == 0
    assert house.topics_of(topics) == {"price"}
    assert house.get(Analysis, house.get(Feedback, label).analysis_id).label == "neutral"
    house.sound()


def test_a_correction_during_a_page_is_not_overwritten(house: Any) -> None:
    said = house.say("The zipper broke", 2)
    house.topic("zippers", "zipper*", new=True)
    ordered(house)
    engine = Engine(house.runtime, worker="slow")
    handler = house.runtime.registry.handlers["pipeline.redo"]
    items = engine._claim("spare")
    pages = handler.prepare(house.runtime, items)
    house.corrected(said, "price")
    with house.runtime.db.writing() as session:
        handler.apply(session, house.runtime, list(zip(items, pages, strict=True)))
    assert house.topics_of(said) == {"price"}


def test_it_is_stopped_and_goes_on_where_it_was(house: Any) -> None:
    for number in range(PAGE + 3):
        house.say(f"Zipper {number}", 8, work=False)
    house.work()
    house.topic("zippers", "zipper*", new=True)
    run_id = ordered(house)
    engine = Engine(house.runtime, worker="test")
    engine.drain("spare", limit=1)
    with house.runtime.db.writing() as session:
        assert stop_redo(session, run_id, actor=SYSTEM, now=house.runtime.clock())
        assert not stop_redo(session, run_id, actor=SYSTEM, now=house.runtime.clock())
    house.work()
    run = house.get(AnalysisRun, run_id)
    assert (run.total, run.seen, run.changed, run.stopped) == (PAGE + 3, PAGE, PAGE, True)
    with house.runtime.db.writing() as session:
        assert resume_redo(session, run_id, actor=SYSTEM, now=house.runtime.clock())
        assert not resume_redo(session, run_id, actor=SYSTEM, now=house.runtime.clock())
    house.work()
    run = house.get(AnalysisRun, run_id)
    assert (run.seen, run.changed, run.stopped) == (PAGE + 3, PAGE + 3, False)
    house.sound()


def test_stopped_and_resumed_at_once_no_page_is_done_twice(house: Any) -> None:
    for number in range(3):
        house.say(f"Zipper {number}", 8)
    house.topic("zippers", "zipper*", new=True)
    run_id = ordered(house)
    with house.runtime.db.writing() as session:
        stop_redo(session, run_id, actor=SYSTEM, now=house.runtime.clock())
        resume_redo(session, run_id, actor=SYSTEM, now=house.runtime.clock())
    first, second = Engine(house.runtime, worker="one"), Engine(house.runtime, worker="two")
    handler = house.runtime.registry.handlers["pipeline.redo"]
    items = [*first._claim("spare"), *second._claim("spare")]
    assert len(items) == 2
    pages = handler.prepare(house.runtime, items)
    for pair in zip(items, pages, strict=True):
        with house.runtime.db.writing() as session:
            handler.apply(session, house.runtime, [pair])
    run = house.get(AnalysisRun, run_id)
    assert (run.seen, run.changed) == (3, 3)


def test_a_newer_order_ends_the_older_one_for_good(house: Any) -> None:
    house.say("Fine", 8)
    older, newer = ordered(house), ordered(house, topics_only=False)
    with house.runtime.db.writing() as session, pytest.raises(Conflict):
        resume_redo(session, older, actor=SYSTEM, now=house.runtime.clock())
    house.work()
    assert house.get(AnalysisRun, older).stopped
    assert not house.get(AnalysisRun, newer).stopped


def test_who_may_and_what_is_not_there(house: Any) -> None:
    agent = Actor(user_id=house.user_id, role=RoleName.AGENT, team_ids=frozenset(), name="agent")
    with house.runtime.db.writing() as session:
        with pytest.raises(Forbidden):
            ask_redo(session, actor=agent, since=None, topics_only=True, now=house.runtime.clock())
        with pytest.raises(NotFound):
            stop_redo(session, new_id(), actor=SYSTEM, now=house.runtime.clock())
        with pytest.raises(NotFound):
            resume_redo(session, new_id(), actor=SYSTEM, now=house.runtime.clock())


def test_only_what_came_in_since_then(house: Any) -> None:
    old = house.say("Old zipper", 8)
    house.runtime.clock.forward(days=40)
    new = house.say("New zipper", 8)
    house.topic("zippers", "zipper*", new=True)
    since = house.runtime.clock() - timedelta(days=30)
    with house.runtime.db.writing() as session:
        run = ask_redo(session, actor=SYSTEM, since=since, topics_only=True, now=house.runtime.clock()).id
    house.work()
    assert house.get(AnalysisRun, run).total == 1
    assert ("zippers" in house.topics_of(old), "zippers" in house.topics_of(new)) == (False, True)


def test_what_waits_to_be_understood_goes_first(house: Any) -> None:
    """The spare lane sees that the flow has something to do."""
    engine = Engine(house.runtime, worker="test")
    assert not engine._flowing()
    house.say("Fine", 8, work=False)
    assert engine._flowing()
    house.work()
    assert not engine._flowing()


def test_words_that_changed_meanwhile_are_left_to_their_own_work(house: Any) -> None:
    said = house.say("The zipper broke", 2)
    house.topic("zippers", "zipper*", new=True)
    ordered(house)
    engine = Engine(house.runtime, worker="slow")
    handler = house.runtime.registry.handlers["pipeline.redo"]
    items = engine._claim("spare")
    pages = handler.prepare(house.runtime, items)
    with house.runtime.db.writing() as session:
        session.get_one(Feedback, said).text = "Something else"
    with house.runtime.db.writing() as session:
        handler.apply(session, house.runtime, list(zip(items, pages, strict=True)))
    assert len(house.readings(said)) == 1


def worse(house: Any, feedback_id: Any) -> None:
    """As if an older model had understood nothing of these words."""
    with house.runtime.db.writing() as session:
        feedback = session.get_one(Feedback, feedback_id)
        analysis = session.get_one(Analysis, feedback.analysis_id)
        empty: Mapping[str, Any] = {"label": "unknown", "probability": None, "polarity": 0.0}
        analysis.result = {**analysis.result, "sentiment": empty, "clauses": []}
        analysis.label, analysis.probability, analysis.version = "unknown", None, "old"


def test_another_model_is_written_beside_the_old_one(house: Any) -> None:
    said = house.say("Terrible service, the worst shop ever", 10)
    worse(house, said)
    run = house.redo(topics_only=False)
    assert (run.seen, run.changed) == (1, 1)
    old, new = house.readings(said)
    assert (old.version, old.label) == ("old", "unknown")
    assert (new.author_id, new.label) == (None, new.result["sentiment"]["label"])
    assert new.label != "unknown"


def test_whoever_turns_out_to_be_unhappy_gets_an_answer_from_now_on(house: Any) -> None:
    said = house.say("I met your people on Tuesday.")
    with house.runtime.db.writing() as session:
        session.get_one(Feedback, said).text = "Terrible! The worst, rudest service ever, I will sue you."
    house.runtime.clock.forward(days=3)
    run = house.redo(topics_only=False)
    assert run.changed == 1
    assert house.get(Feedback, said).stance is Stance.DETRACTOR
    promise = house.promise(said)
    assert promise is not None
    assert promise.state is ObligationState.OPEN
    assert promise.due_at > house.runtime.clock()


def test_killed_in_the_middle_it_goes_on(house: Any) -> None:
    for number in range(4 * PAGE):
        house.say(f"Zipper {number}", 8, work=False)
    house.work()
    house.topic("zippers", "zipper*", new=True)
    run_id = ordered(house)
    settings = house.runtime.settings
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(settings.instance), settings.database_url or ""], stdout=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"page\n"
        worker.kill()
    house.runtime.clock.forward(days=36_500)
    house.work()
    run = house.get(AnalysisRun, run_id)
    assert run.finished_at is not None
    assert (run.seen, run.changed) == (4 * PAGE, 4 * PAGE)
    assert len(house.all(Analysis)) == 8 * PAGE
