"""Running the rules again over what came in before: it adds, and takes nothing away."""

from __future__ import annotations

from typing import Any

from voc.cases.assign import assign
from voc.cases.resolve import resolve
from voc.core.vocabulary import CaseState, ObligationState, Priority, Stance
from voc.jobs.engine import Engine
from voc.model import Case, FeedbackTag, RuleMatch, RuleRun
from voc.pipeline.correct import correct_stance
from voc.routing.again import PAGE, ask_again, stop_run
from voc.security.access import SYSTEM


def test_running_again_adds_what_a_rule_says_now(shop: Any) -> None:
    praise = shop.say("The staff was great", 10)
    bad = shop.say("Malo", 0)
    shop.rule("Praise", 'stance == "promoter"', open_case=True, start_clock=True, tags=["praise"])
    shop.rule("Worst", "score == 0", priority="urgent", tags=["worst"], waive=True)
    shop.runtime.clock.forward(days=3)  # type: ignore[attr-defined]
    run = shop.again()
    assert (run.total, run.seen, run.changed, run.stopped) == (2, 2, 2, False)
    assert run.finished_at is not None
    case, promise = shop.case_of(praise), shop.promise(praise)
    assert case is not None
    assert promise is not None
    assert promise.due_at > shop.runtime.clock()
    assert {(tag.feedback_id, tag.tag) for tag in shop.all(FeedbackTag)} == {(praise, "praise"), (bad, "worst")}
    worst = shop.case_of(bad)
    assert worst is not None
    assert worst.priority is Priority.URGENT
    kept = shop.promise(bad)
    assert kept is not None
    assert kept.state is ObligationState.OPEN
    again = shop.matches(bad)[-1]
    assert again.again
    assert [(one["do"], one.get("idle", False)) for one in again.did] == [
        ("waive", True), ("priority", False), ("tag", False),
    ]  # fmt: skip
    shop.proved()


def test_running_again_twice_changes_nothing(shop: Any) -> None:
    shop.say("The staff was great", 10)
    shop.rule("Praise", 'stance == "promoter"', open_case=True, tags=["praise"])
    assert shop.again().changed == 1
    before = (len(shop.all(Case)), len(shop.all(RuleMatch)), len(shop.all(FeedbackTag)))
    assert shop.again().changed == 0
    assert (len(shop.all(Case)), len(shop.all(RuleMatch)), len(shop.all(FeedbackTag))) == before


def test_running_again_leaves_alone_what_people_have_touched(shop: Any) -> None:
    taken, closed, free = (shop.say(f"Malo {number}", 0) for number in range(3))
    now = shop.runtime.clock
    for feedback_id in (taken, closed):
        case = shop.case_of(feedback_id)
        assert case is not None
        with shop.runtime.db.writing() as session:
            assign(session, case.id, actor=shop.boss, owner_id=shop.user_id, version=case.version, now=now())
    with shop.runtime.db.writing() as session:
        correct_stance(session, closed, actor=shop.boss, stance=Stance.PASSIVE, now=now())
        case = shop.case_of(closed)
        assert case is not None
    with shop.runtime.db.writing() as session:
        resolve(session, case.id, actor=shop.boss, note=None, version=case.version + 1, now=now())
    shop.rule("All", "score == 0", open_case=True, start_clock=True, priority="urgent")
    shop.again()
    levels = {}
    for feedback_id in (taken, closed, free):
        case = shop.case_of(feedback_id)
        assert case is not None
        levels[feedback_id] = (case.priority is Priority.URGENT, case.state)
    assert levels == {
        taken: (False, CaseState.OPEN),
        closed: (False, CaseState.RESOLVED),
        free: (True, CaseState.OPEN),
    }
    assert len(shop.all(Case)) == 3
    shop.proved()


def test_running_again_goes_page_by_page_and_can_be_stopped(shop: Any) -> None:
    for number in range(PAGE + 5):
        shop.say(f"Fine {number}", 8, work=False)
    shop.work()
    shop.rule("All", "score == 8", tags=["eight"])
    with shop.runtime.db.writing() as session:
        run_id = ask_again(session, actor=SYSTEM, since=None, now=shop.runtime.clock())
    engine = Engine(shop.runtime, worker="test")
    engine.drain("slow", limit=1)
    run = shop.get(RuleRun, run_id)
    assert (run.total, run.seen, run.changed, run.finished_at) == (PAGE + 5, PAGE, PAGE, None)
    with shop.runtime.db.writing() as session:
        stop_run(session, run_id, actor=SYSTEM, now=shop.runtime.clock())
    shop.work()
    assert len(shop.all(FeedbackTag)) == PAGE
    run = shop.again()
    assert (run.seen, run.changed) == (PAGE + 5, 5)


def test_a_newer_order_ends_the_older_one(shop: Any) -> None:
    shop.say("Fine", 8)
    with shop.runtime.db.writing() as session:
        older = ask_again(session, actor=SYSTEM, since=None, now=shop.runtime.clock())
    newer = shop.again()
    assert shop.get(RuleRun, older).stopped
    assert not newer.stopped


def test_only_what_came_in_since_then_is_asked(shop: Any) -> None:
    shop.say("Old", 8)
    shop.runtime.clock.forward(days=40)  # type: ignore[attr-defined]
    shop.say("New", 8)
    shop.rule("All", "score == 8", tags=["eight"])
    run = shop.again(days=30)
    assert (run.total, run.seen, run.changed) == (1, 1, 1)
