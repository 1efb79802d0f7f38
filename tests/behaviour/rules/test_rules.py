"""Rules through all layers, on both databases: saved, asked, acting, explained, proved, run again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select, update

from voc.cases.resolve import resolve
from voc.core.errors import Conflict, Forbidden, Invalid, NotFound
from voc.core.vocabulary import ObligationState, Priority, RoleName, Stance
from voc.jobs.engine import Engine
from voc.model import AuditEntry, Case, Customer, Feedback, FeedbackTag, Obligation, Rule, RuleMatch, RuleVersion, Work
from voc.pipeline.correct import correct_stance
from voc.pipeline.judge import judge
from voc.pipeline.reconcile import reconcile
from voc.pipeline.verify import verify
from voc.routing import queries
from voc.routing.saving import check_condition, reorder, save_rule, switch_rule
from voc.routing.shipped import add_shipped_rules
from voc.routing.tokens import WrongCondition
from voc.routing.trying import try_condition
from voc.security.access import SYSTEM, Actor

AGENT = Actor(user_id=None, role=RoleName.AGENT, team_ids=frozenset(), name="agent")


# ——— The rule that comes with voc


def test_a_new_house_has_the_rule_for_detractors(shop: Any) -> None:
    feedback_id = shop.say("Pésima atención", 0)
    (match,) = shop.matches(feedback_id)
    assert match.number == 1
    assert [one["do"] for one in match.did] == ["open_case", "start_clock", "team", "priority"]
    assert match.why == {"stance": "detractor"}
    promise = shop.promise(feedback_id)
    assert promise is not None
    assert promise.state is ObligationState.OPEN
    assert promise.promised_rule_id is None
    shop.proved()


def test_it_is_added_once(shop: Any) -> None:
    with shop.runtime.db.writing() as session:
        add_shipped_rules(session, language="es", now=shop.runtime.clock())
    assert len(shop.all(Rule)) == 1


def test_switched_off_it_leaves_nobody_behind(shop: Any) -> None:
    shop.switch(shop.default(), False)
    feedback_id = shop.say("Pésima atención", 0)
    assert shop.case_of(feedback_id) is not None
    promise = shop.promise(feedback_id)
    assert promise is not None
    assert promise.state is ObligationState.OPEN
    assert shop.matches(feedback_id) == []
    shop.proved()


# ——— Saving


def test_every_change_is_a_version_and_none_is_lost(shop: Any) -> None:
    rule_id = shop.rule("Reembolsos", '"reembolso" in words', tags=["refund"])
    shop.rule("Reembolsos", '"reembolso" in words', rule_id, tags=["refund"])
    shop.rule("Reembolsos y cobros", '"reembolso" in words', rule_id, tags=["refund", "money"])
    with shop.runtime.db.reading() as session:
        versions = queries.versions_of(session, rule_id)
        actions = list(session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == rule_id)))
    assert [(row.number, row.name) for row in versions] == [(2, "Reembolsos y cobros"), (1, "Reembolsos")]
    assert actions == ["rule.saved", "rule.saved"]


def test_a_mistake_is_refused_with_its_place_and_nothing_is_stored(shop: Any) -> None:
    with pytest.raises(WrongCondition) as caught:
        shop.rule("Wrong", 'stance == "detractor" and "nothing" in topics', tags=["a"])
    assert caught.value.mistake.start == 26
    for name, condition, actions in (
        ("", "mixed", {"tags": ["a"]}),
        ("x", "mixed", {}),
        ("x", "mixed", {"team": "01900000-0000-7000-8000-000000000000"}),
        ("x", "mixed", {"notify": ["01900000-0000-7000-8000-000000000000"]}),
    ):
        with pytest.raises(Invalid):
            shop.rule(name, condition, **actions)
    assert len(shop.all(RuleVersion)) == 1


def test_who_may_and_who_was_faster(shop: Any) -> None:
    rule_id = shop.rule("One", "mixed", tags=["a"])
    now = shop.runtime.clock()
    with shop.runtime.db.writing() as session, pytest.raises(Forbidden):
        save_rule(session, None, actor=AGENT, name="x", condition="mixed", actions={"tags": ["a"]}, now=now)
    with shop.runtime.db.writing() as session, pytest.raises(Conflict):
        save_rule(session, rule_id, actor=SYSTEM, name="x", condition="mixed", actions={"tags": ["a"]}, seen=7, now=now)
    with shop.runtime.db.writing() as session, pytest.raises(NotFound):
        switch_rule(session, shop.channel_id, actor=SYSTEM, active=False, now=now)


def test_a_new_rule_stands_before_the_one_that_came_with_voc(shop: Any) -> None:
    first, second = shop.rule("One", "mixed", tags=["a"]), shop.rule("Two", "mixed", tags=["b"])
    with shop.runtime.db.reading() as session:
        order = [row.rule_id for row in queries.every_rule(session)]
    assert order == [first, second, shop.default()]
    with shop.runtime.db.writing() as session:
        reorder(session, [second, shop.default(), first], actor=SYSTEM, now=shop.runtime.clock())
    with shop.runtime.db.reading() as session:
        assert [row.name for row in queries.every_rule(session)][::2] == ["Two", "One"]
    with shop.runtime.db.writing() as session, pytest.raises(Conflict):
        reorder(session, [second, first], actor=SYSTEM, now=shop.runtime.clock())


def test_new_feedback_follows_a_rule_at_once(shop: Any) -> None:
    rule_id = shop.rule("Short", "length < 5", tags=["short"])
    assert shop.matches(shop.say("Malo", 0))[0].name == "Short"
    shop.rule("Long", "length > 500", rule_id, tags=["long"])
    assert [match.name for match in shop.matches(shop.say("Malo", 0))] != ["Long"]
    shop.switch(rule_id, False)
    assert len(shop.matches(shop.say("Malo", 0))) == 1


# ——— Acting


def test_a_rule_sets_team_priority_and_tags_and_says_why(shop: Any) -> None:
    with shop.runtime.db.writing() as session:
        from voc.core.ids import new_id
        from voc.model import Team

        team = Team(id=new_id(), name="Legal", lead_id=None, created_at=shop.runtime.clock())
        session.add(team)
    shop.rule("Law", '"legal" in risks and score <= 6', team=str(team.id), priority="urgent", tags=["legal"])
    feedback_id = shop.say("Voy a denunciar ante Indecopi, mi abogado ya lo sabe", 3)
    case = shop.case_of(feedback_id)
    assert case is not None
    assert (case.team_id, case.priority) == (team.id, Priority.URGENT)
    first, second = shop.matches(feedback_id)
    assert (first.name, first.why) == ("Law", {"risks": ["legal"], "score": 3})
    assert {one["do"]: one.get("late", False) for one in second.did} == {
        "open_case": False, "start_clock": False, "team": True, "priority": True,
    }  # fmt: skip
    assert [tag.tag for tag in shop.all(FeedbackTag)] == ["legal"]
    shop.proved()


def test_a_rule_opens_a_case_for_somebody_who_is_not_unhappy(shop: Any) -> None:
    shop.rule("Praise", 'stance == "promoter"', open_case=True, priority="low")
    feedback_id = shop.say("The staff was great, thank you", 10)
    case = shop.case_of(feedback_id)
    assert case is not None
    assert shop.promise(feedback_id) is None
    assert case.response_due_at is None
    assert case.next_due_at == case.resolution_due_at is not None
    shop.proved()
    with shop.runtime.db.writing() as session:
        resolve(session, case.id, actor=shop.boss, note=None, version=case.version, now=shop.runtime.clock())
    shop.proved()


def test_a_rule_promises_an_answer_to_somebody_else(shop: Any) -> None:
    rule_id = shop.rule("Passive", 'stance == "passive"', open_case=True, start_clock=True)
    feedback_id = shop.say("It is fine", 7)
    promise = shop.promise(feedback_id)
    assert promise is not None
    assert promise.state is ObligationState.OPEN
    assert promise.promised_rule_id == shop.get(Rule, rule_id).version_id
    case = shop.case_of(feedback_id)
    assert case is not None
    assert case.response_due_at == promise.due_at
    shop.proved()
    with shop.runtime.db.writing() as session:
        correct_stance(session, feedback_id, actor=shop.boss, stance=Stance.PROMOTER, now=shop.runtime.clock())
    promise = shop.promise(feedback_id)
    assert promise is not None
    assert promise.state is ObligationState.OPEN
    shop.proved()


def test_a_rule_asks_who_the_customer_is(shop: Any) -> None:
    shop.rule("Known", "customer_known", tags=["known"])
    shop.rule("Cared for", 'segment == "high touch" and customer_value >= 1000', priority="urgent")
    somebody = {"external_id": "C-1", "verified": True}
    nobody, first = shop.say("Malo", 0), shop.say("Malo", 0, **somebody)
    with shop.runtime.db.writing() as session:
        session.execute(update(Customer).values(segment="high touch", value=5000))
    second = shop.say("Peor", 0, **somebody)
    names = {key: [match.name for match in shop.matches(key)][:-1] for key in (nobody, first, second)}
    assert names == {nobody: [], first: ["Known"], second: ["Known", "Cared for"]}
    with shop.runtime.db.reading() as session:
        assert try_condition(session, check_condition(session, 'segment == "high touch"')).matched == 2
    shop.proved()


def test_a_rule_waives_and_it_stands_in_the_ledger(shop: Any) -> None:
    rule_id = shop.rule("Spam", '"spam" in words', waive=True, reason="robots", stops=True)
    feedback_id = shop.say("Buy now, this is spam", 0)
    promise = shop.promise(feedback_id)
    assert promise is not None
    assert promise.state is ObligationState.WAIVED
    assert promise.waived_rule_id == shop.get(Rule, rule_id).version_id
    assert promise.waive_reason == "rule “Spam”, version 1: robots"
    assert shop.case_of(feedback_id) is None
    assert [match.name for match in shop.matches(feedback_id)] == ["Spam"]
    shop.proved()
    assert verify(shop.runtime, now=shop.runtime.clock()).waiting["waived_by_rules"] == 1
    assert reconcile(shop.runtime, shop.runtime.clock()).total == 0


def test_nothing_is_waived_for_whom_nothing_is_owed(shop: Any) -> None:
    shop.rule("Spam", '"spam" in words', waive=True)
    feedback_id = shop.say("Das ist spam", 10)
    assert shop.promise(feedback_id) is None
    assert shop.matches(feedback_id)[0].did == ({"do": "waive", "idle": True},)
    shop.proved()


def test_a_person_stands_above_a_rule_that_waives(shop: Any) -> None:
    shop.rule("Spam", '"spam" in words', waive=True, stops=True)
    waived = shop.say("This is spam", 0)
    unknown = shop.say("Gestern war ich mit meiner Frau dort, spam")
    now = shop.runtime.clock
    with shop.runtime.db.writing() as session:
        judge(session, unknown, actor=shop.boss, stance=Stance.DETRACTOR, now=now())
        correct_stance(session, waived, actor=shop.boss, stance=Stance.PASSIVE, now=now())
    with shop.runtime.db.writing() as session:
        correct_stance(session, waived, actor=shop.boss, stance=Stance.DETRACTOR, now=now())
    for feedback_id in (unknown, waived):
        promise = shop.promise(feedback_id)
        assert promise is not None
        assert promise.state is ObligationState.OPEN
        assert shop.case_of(feedback_id) is not None
    shop.proved()


def test_the_reconciler_goes_by_the_rules(shop: Any) -> None:
    from sqlalchemy import delete

    shop.rule("Urgent", "score == 0", priority="urgent")
    feedback_id = shop.say("Malo", 0)
    with shop.runtime.db.writing() as session:
        from voc.model import CaseEvent

        session.execute(update(Feedback).values(case_id=None))
        for model in (Obligation, CaseEvent, Case, RuleMatch):
            session.execute(delete(model))
    assert reconcile(shop.runtime, shop.runtime.clock()).obligations == 1
    case = shop.case_of(feedback_id)
    assert case is not None
    assert case.priority is Priority.URGENT
    assert len(shop.matches(feedback_id)) == 2
    shop.proved()


def test_colleagues_are_told_once(shop: Any) -> None:
    shop.rule("Tell", "score == 0", notify=["lead", str(shop.user_id)])
    shop.rule("Tell too", "score == 0", notify=[str(shop.user_id)])
    feedback_id = shop.say("Malo", 0, work=False)
    Engine(shop.runtime, worker="test").drain("flow")
    (notice,) = [work for work in shop.all(Work) if work.kind == "delivery.notice"]
    case = shop.case_of(feedback_id)
    assert case is not None
    assert notice.data["to_user_id"] == str(shop.user_id)
    assert notice.data["variables"]["rule"] == "Tell"
    assert notice.data["variables"]["case_number"] == case.number
    assert notice.data["variables"]["link"] == f"/cases/{case.id}"


def test_a_rule_that_cannot_be_read_is_passed_over(shop: Any) -> None:

    rule_id = shop.rule("Old", "mixed", tags=["a"])
    with shop.runtime.db.writing() as session:
        session.execute(update(RuleVersion).where(RuleVersion.rule_id == rule_id).values(condition="of tomorrow"))
        session.execute(update(Rule).values(updated_at=shop.runtime.clock()))
    assert len(shop.matches(shop.say("Malo", 0))) == 1


def test_statements_do_not_grow_with_the_batch(shop: Any) -> None:
    """Four rules that do everything: a batch of twenty costs as many statements as one of two."""
    shop.rule("Tag", "score < 3", tags=["a", "b"])
    shop.rule("Tell", "score < 3", notify=["lead"])
    shop.rule("Open", 'stance == "promoter"', open_case=True)
    shop.rule("Waive", '"spam" in words', waive=True)
    counts = []
    shop.say("Malo", 0)
    for size in (2, 20):
        for number in range(size):
            shop.say(("Malo", "Spam, spam", "Great, thank you")[number % 3], (0, 0, 10)[number % 3], work=False)
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(shop.runtime.db.engine, "before_cursor_execute", note)
        Engine(shop.runtime, worker="test").drain("flow")
        event.remove(shop.runtime.db.engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[1] <= counts[0] + 2
    shop.proved()


# ——— Trying


def test_trying_shows_how_many_and_which(shop: Any) -> None:
    for number in range(7):
        shop.say(f"Malo {number}", number % 2 * 9, work=False)
    shop.work()
    with shop.runtime.db.reading() as session:
        trial = try_condition(session, check_condition(session, "score == 0"))
        whole = try_condition(session, check_condition(session, "length > 0"))
    assert (trial.asked, trial.matched, len(trial.examples), trial.everything) == (7, 4, 4, False)
    assert trial.examples[0].why == {"score": 0}
    assert (whole.matched, len(whole.examples), whole.everything) == (7, 5, True)
