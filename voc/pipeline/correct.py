"""Corrections: a person knows better. What the machine said stays; the feedback points to the newest word."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.result import Opinion
from voc.analysis.taxonomy import lineage
from voc.audit import audit
from voc.cases import queries as case_queries
from voc.cases.opening import open_or_join
from voc.cases.waive import demand_again, settle
from voc.core.errors import Invalid
from voc.core.ids import new_id
from voc.core.vocabulary import ObligationState, Stance
from voc.insights.marks import touch
from voc.model import Analysis, Feedback, Obligation, StanceDecision
from voc.pipeline import queries
from voc.routing import queries as rules
from voc.routing.acting import Later, Routed, act, opening_of
from voc.routing.book import rule_book
from voc.routing.facts import facts_of, known_facts
from voc.routing.rules import walk
from voc.routing.severity import hurt, priority
from voc.routing.teams import team_for
from voc.search.index import reindex
from voc.security.access import Actor, require

LABELS = ("negative", "neutral", "positive")
PERSON = "person"


def correct_stance(session: Session, feedback_id: UUID, *, actor: Actor, stance: Stance, now: datetime) -> None:
    """Say what the stance really is. A new detractor goes by the rules and gets its case and obligation; one that is
    none any more has its open obligation waived, with the correction as the reason, unless a rule had promised it."""
    require(actor, "case.correct")
    if stance is Stance.UNKNOWN:
        raise Invalid(fields={"stance": ["Please choose one of the answers shown."]})
    feedback = queries.feedback_by_id(session, feedback_id)
    decide_as(session, feedback, actor=actor, stance=stance, now=now)


def decide_as(session: Session, feedback: Feedback, *, actor: Actor, stance: Stance, now: datetime) -> None:
    """Write a person's stance decision and what follows from it."""
    before = feedback.stance
    if before is stance:
        return
    decision = StanceDecision(
        id=new_id(),
        feedback_id=feedback.id,
        stance=stance,
        mixed=False,
        reasons=[{"kind": "person", "before": before.value if before else None, "stance": stance.value}],
        policy=PERSON,
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(decision)
    feedback.stance, feedback.mixed, feedback.stance_decision_id = stance, False, decision.id
    session.flush()
    reindex(session, [feedback.id])
    touch(session, [feedback.id], now=now)
    obligation = case_queries.obligation_of(session, feedback.id)
    if stance is Stance.DETRACTOR and obligation is None:
        go_by_rules(session, feedback, now=now, insisted=True)
    elif stance is Stance.DETRACTOR and obligation is not None:
        _answer_after_all(session, feedback, obligation, actor=actor, now=now)
    elif obligation is not None and obligation.state is ObligationState.OPEN and obligation.promised_rule_id is None:
        settle(session, obligation, actor=actor, reason=f"corrected to {stance.value}", now=now)
    judgement = case_queries.judgement_for_update(session, feedback.id)
    if judgement is not None and judgement.decided_at is None:
        judgement.decided_at, judgement.decided_by, judgement.decision = now, actor.user_id, stance.value
    audit(
        session,
        actor_id=actor.user_id,
        action="stance.corrected",
        subject_id=feedback.id,
        now=now,
        before=before.value if before else None,
        after=stance.value,
    )


def go_by_rules(session: Session, feedback: Feedback, *, now: datetime, insisted: bool = False) -> None:
    """Do what the rules say of one feedback that was understood before; what was done stays. `insisted`: a person
    said that somebody is unhappy."""
    house = queries.house(session)
    item = replace(_routed(session, feedback, house.default_team_id), insisted=insisted)
    if item.case_id is None and feedback.answers_id is not None:
        # What it answers may have got its case only after both had been said.
        item = replace(item, case_id=queries.cases_of(session, [feedback.answers_id]).get(feedback.answers_id))
    matches = rules.matched_versions(session, [feedback.id])
    done = {"open_case", "start_clock", "team", "priority", "notify", "plugin", "waive"} - (
        {"waive"} if insisted else set()
    )
    later = Later(matches, rules.tags_of(session, [feedback.id]), {feedback.id: done}) if matches else None
    cases = act(session, [item], sla_version_id=house.sla_version_id, now=now, later=later)
    feedback.case_id = cases.get(feedback.id, feedback.case_id)


def _routed(session: Session, feedback: Feedback, default_team_id: UUID) -> Routed:
    """A stored feedback as the rules see it now."""
    stored = queries.analysis_by_id(session, feedback.analysis_id)
    result = stored.result if stored else None
    simple, book = facts_of(feedback, result), rule_book(session)
    facts = known_facts(
        feedback,
        analysis=result,
        stance=feedback.stance,
        mixed=feedback.mixed,
        hurt=hurt(simple),
        around=rules.around(session, [feedback.id])[feedback.id],
        zone=book.zone,
        tags=rules.tags_of(session, [feedback.id]).get(feedback.id, ()),
    )
    return Routed(
        feedback_id=feedback.id,
        since=feedback.received_at,
        stance=feedback.stance or Stance.UNKNOWN,
        customer_id=feedback.customer_id,
        contact_point_id=feedback.contact_point_id,
        language=facts["language"],
        hurt=facts["hurt"],
        severity=priority(simple),
        topic_team_id=team_for(result, rules.team_by_topic(session), default_team_id),
        plan=walk(book.rules, facts),
        case_id=feedback.case_id,
    )


def _answer_after_all(
    session: Session, feedback: Feedback, obligation: Obligation, *, actor: Actor, now: datetime
) -> None:
    """Open a waived promise again; one that a rule waived from the beginning gets its case first."""
    if obligation.state is ObligationState.WAIVED and obligation.case_id is None:
        house = queries.house(session)
        item = replace(_routed(session, feedback, house.default_team_id), insisted=True)
        opening = replace(opening_of(item), promised=False)
        cases = open_or_join(session, [opening], sla_version_id=house.sla_version_id, now=now)
        feedback.case_id = obligation.case_id = cases[feedback.id]
        session.flush()
    demand_again(session, obligation, actor=actor, now=now)


def correct_label(session: Session, feedback_id: UUID, *, actor: Actor, label: str, now: datetime) -> None:
    """Say what the text's sentiment really is. The stance is corrected apart from it."""
    require(actor, "case.correct")
    if label not in LABELS:
        raise Invalid(fields={"label": ["Please choose one of the answers shown."]})
    feedback, result = _result_of(session, feedback_id)
    if _said_already(result, "label") and result["sentiment"]["label"] == label:
        return
    # What the machine held to be likely says nothing any more.
    said = {name: value for name, value in result["sentiment"].items() if name != "negative"}
    result["sentiment"] = {**said, "label": label, "probability": 1.0}
    _store(session, feedback, result, "label", actor=actor, now=now)
    audit(session, actor_id=actor.user_id, action="label.corrected", subject_id=feedback_id, now=now, after=label)


def correct_topics(session: Session, feedback_id: UUID, *, actor: Actor, topics: Sequence[str], now: datetime) -> None:
    """Say which topics are really spoken of; those that stay keep their evidence."""
    require(actor, "case.correct")
    parents = {topic.key: topic.parent_key for topic in queries.topics(session)}
    if wrong := [topic for topic in topics if topic not in parents]:
        raise Invalid(fields={"topics": [f"there is no topic {', '.join(wrong)}"]})
    feedback, result = _result_of(session, feedback_id)
    if _said_already(result, "topics") and {opinion["topic"] for opinion in result["opinions"]} == set(topics):
        return
    kept = [opinion for opinion in result["opinions"] if opinion["topic"] in topics]
    have = {opinion["topic"] for opinion in kept}
    label = result["sentiment"]["label"]
    length = len(feedback.text or "")
    added = [
        Opinion(topic, label, 1.0, 0, length, lineage(topic, parents)).to_dict()
        for topic in dict.fromkeys(topics)
        if topic not in have
    ]
    result["opinions"] = kept + added
    _store(session, feedback, result, "topics", actor=actor, now=now)
    audit(
        session,
        actor_id=actor.user_id,
        action="topics.corrected",
        subject_id=feedback_id,
        now=now,
        after=sorted(set(topics)),
    )


def _said_already(result: Mapping[str, Any], part: str) -> bool:
    """Whether a person said this part before: the same again is nothing new."""
    return part in result.get("corrected", ())


def _result_of(session: Session, feedback_id: UUID) -> tuple[Feedback, dict[str, Any]]:
    feedback = queries.feedback_by_id(session, feedback_id)
    stored = queries.analysis_by_id(session, feedback.analysis_id)
    if stored is None:
        raise Invalid(fields={"text": ["There is no text to judge."]})
    return feedback, copy.deepcopy(stored.result)


def _store(
    session: Session, feedback: Feedback, result: dict[str, Any], part: str, *, actor: Actor, now: datetime
) -> None:
    """Write the corrected analysis; it says which parts of it people have corrected so far."""
    result["corrected"] = sorted({*result.get("corrected", ()), part})
    analysis = Analysis(
        id=new_id(),
        feedback_id=feedback.id,
        language=result["language"],
        label=result["sentiment"]["label"],
        probability=result["sentiment"]["probability"],
        result=result,
        analyzer=PERSON,
        version="",
        author_id=actor.user_id,
        created_at=now,
    )
    session.add(analysis)
    feedback.analysis_id = analysis.id
    touch(session, [feedback.id], now=now)
