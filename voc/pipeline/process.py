"""The one page: what happens to a feedback, step by step, each step one function of one room.

    receipt → feedback          voc.intake        stored first, read in the worker
    feedback → analysis         voc.analysis      language, sentiment, topics, risks, with evidence
    analysis → stance           voc.routing       promoter, passive, detractor or unknown, with reasons
    author → customer           voc.customers     verified identity, else a contact point
    stance → what follows       voc.routing       the rules, in order, each with its reasons
    rules → case or judgement   voc.cases         obligation, team, priority, clock

Analyses are computed without holding the database; everything is then written in one transaction per batch,
together with the mark that the work is done. Run twice, it changes nothing the second time.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from voc.analysis.hosted import analyzers_of, guarded_calls, seconds_for
from voc.analysis.result import Analysis as Understood
from voc.analysis.risks import risks_with
from voc.analysis.run import analyze, direct
from voc.analysis.taxonomy import Taxonomy
from voc.cases.opening import await_judgement, open_or_join
from voc.cases.panels.asking import ask_after_words
from voc.core.clock import Clock
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import Stance
from voc.customers.identify import Who, identify, proven
from voc.db import Database
from voc.db.bulk import bulk_insert, bulk_update
from voc.db.types import table_of
from voc.insights.marks import touch
from voc.jobs import Item
from voc.model import Analysis, Feedback, StanceDecision
from voc.pipeline import queries
from voc.pipeline.meaning.order import order_meaning
from voc.pipeline.queries import HouseView
from voc.pipeline.telling import tell_feedback
from voc.plugin_host import PluginFailed, PluginHost
from voc.routing import queries as rules
from voc.routing.acting import Routed, conclude, open_cases, opening_of
from voc.routing.book import Book, rule_book
from voc.routing.facts import CUSTOMER_FIELDS, Around, facts_of, known_facts
from voc.routing.rules import Plan, walk
from voc.routing.severity import hurt, priority
from voc.routing.stance import DEFAULT, Decision, Facts, decide
from voc.routing.teams import team_for
from voc.search.index import Entry, put
from voc.search.index import entry as entry_of
from voc.search.words import searched
from voc.security.keys import Keys

log = logging.getLogger(__name__)

KIND = "pipeline.process"
NOBODY = "none"


class Context(Protocol):
    """What the pipeline needs of the runtime."""

    db: Database
    clock: Clock
    host: PluginHost
    keys: Keys
    settings: Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the house says while a batch is understood, read before anything is written: the write lock is short."""

    house: HouseView
    teams: Mapping[str, UUID]
    book: Book
    origins: Mapping[UUID, Around]


@dataclass(frozen=True, slots=True)
class Understanding:
    """A feedback with what was understood of it; `analysis` and `stored` (the same as JSON) None without text."""

    around: Surroundings
    feedback: Feedback
    analysis: Understood | None
    stored: dict[str, Any] | None
    decision: Decision
    facts: Facts
    plan: Plan
    entry: Entry

    @property
    def analyzer(self) -> tuple[str, str]:
        """Name and version of what judged the text, as they are stored."""
        said = self.analysis
        return (said.analyzer or NOBODY, said.version or "") if said is not None else (NOBODY, "")


def surroundings(session: Session, ids: Sequence[UUID]) -> Surroundings:
    """What is needed around the feedback of these ids."""
    return Surroundings(
        queries.house(session), rules.team_by_topic(session), rule_book(session), rules.around(session, ids)
    )


def understand_batch(context: Context, items: Sequence[Item]) -> Sequence[Understanding | None]:
    """Analyze and decide, without writing; None for a feedback that is gone or was processed before."""
    with context.db.reading() as session:
        known = queries.unprocessed(session, [item.subject for item in items])
        taxonomy = queries.taxonomy(session)
        around = surroundings(session, list(known))
        if around.book.names & CUSTOMER_FIELDS:
            around = replace(around, origins=_with_customers(session, context.keys, known, around.origins))
    found = [known.get(item.subject) for item in items]
    try:
        limit = seconds_for(context.host, len(found))
        return context.host.guard.call("analysis", _understand_all, context.host, found, taxonomy, around, limit=limit)
    except PluginFailed as error:
        log.warning("analysis of a batch failed, one by one now", extra={"reason": error.reason})
    return [understand(context.host, feedback, taxonomy, around) if feedback else None for feedback in found]


def _with_customers(
    session: Session, keys: Keys, found: Mapping[UUID, Feedback], origins: Mapping[UUID, Around]
) -> dict[UUID, Around]:
    """The same with what is known of the customers, who are told apart only when everything is written."""
    proofs = {feedback_id: [proof.key for proof in proven(keys, item.author)] for feedback_id, item in found.items()}
    profiles = rules.profiles(session, [key for wanted in proofs.values() for key in wanted])
    told = {}
    for feedback_id, around in origins.items():
        segment, value = next((profiles[key] for key in proofs[feedback_id] if key in profiles), (None, None))
        told[feedback_id] = replace(around, known=bool(proofs[feedback_id]), segment=segment, value=value)
    return told


def _understand_all(
    host: PluginHost, found: Sequence[Feedback | None], taxonomy: Taxonomy, around: Surroundings
) -> list[Understanding | None]:
    """A whole batch under one guard: a hop to another thread for each clause would cost more than the analysis.

    What goes wrong here goes wrong for the batch; then each text is analyzed with a guard around each call.
    """
    return [understand(host, feedback, taxonomy, around, guarded=False) if feedback else None for feedback in found]


def understand(
    host: PluginHost, feedback: Feedback, taxonomy: Taxonomy, around: Surroundings, *, guarded: bool = True
) -> Understanding:
    """One feedback: its analysis, then the stance policy, then the rules."""
    analysis = None
    if feedback.text:
        analysis = analyze(
            feedback.text,
            hint=feedback.language_hint,
            analyzers=analyzers_of(host),
            taxonomy=taxonomy,
            risks=risks_with(around.house.competitors),
            call=guarded_calls(host) if guarded else direct,
        )
    stored = analysis.to_dict() if analysis else None
    facts = facts_of(feedback, stored)
    decision = decide(facts)
    entry = entry_of(
        feedback.id,
        searched(feedback.subject, feedback.text),
        stance=decision.stance,
        channel_id=feedback.channel_id,
        language=(analysis.language if analysis else None) or feedback.language_hint,
        received_at=feedback.received_at,
    )
    return Understanding(
        around, feedback, analysis, stored, decision, facts, _plan(feedback, stored, decision, facts, around), entry
    )


def _plan(
    feedback: Feedback, stored: dict[str, Any] | None, decision: Decision, facts: Facts, around: Surroundings
) -> Plan:
    """What the rules say of it."""
    if not around.book.rules:
        return Plan()
    known = known_facts(
        feedback,
        analysis=stored,
        stance=decision.stance,
        mixed=decision.mixed,
        hurt=hurt(facts),
        around=around.origins.get(feedback.id, Around()),
        zone=around.book.zone,
    )
    return walk(around.book.rules, known)


def settle_batch(session: Session, context: Context, pairs: Sequence[tuple[Item, Understanding | None]]) -> None:
    """Write everything that follows, for the whole batch; one feedback named twice counts once."""
    results = {u.feedback.id: u for _, u in pairs if u is not None}
    still = queries.still_unprocessed(session, list(results))
    settle(session, context, [results[feedback_id] for feedback_id in results if feedback_id in still])


def settle(session: Session, context: Context, results: Sequence[Understanding]) -> None:
    """Analyses, stances, customers, cases and obligations of these feedback, and their words in the index; plugins that
    show something beside them are asked for it."""
    if not results:
        return
    now, connection = context.clock(), session.connection()
    people = identify(
        session, context.keys, [(u.feedback.id, u.feedback.author, u.feedback.language_hint) for u in results], now=now
    )
    analyses = {u.feedback.id: analysis_row(u, now) for u in results if u.analysis}
    decisions = {u.feedback.id: decision_row(u.feedback.id, u.decision, now) for u in results}
    bulk_insert(connection, table_of(Analysis), list(analyses.values()))
    bulk_insert(connection, table_of(StanceDecision), list(decisions.values()))
    cases = _answerable(session, results, people, now)
    changes = [
        {
            "id": u.feedback.id,
            "processed_at": now,
            "stance": u.decision.stance,
            "mixed": u.decision.mixed,
            "analysis_id": analyses[u.feedback.id]["id"] if u.feedback.id in analyses else None,
            "stance_decision_id": decisions[u.feedback.id]["id"],
            "customer_id": people[u.feedback.id].customer_id,
            "contact_point_id": people[u.feedback.id].contact_point_id,
            "case_id": cases.get(u.feedback.id, u.feedback.case_id),
        }
        for u in results
    ]
    bulk_update(connection, table_of(Feedback), changes)
    ask_after_words(session, {item["id"]: (item["case_id"], item["customer_id"]) for item in changes}, now=now)
    touch(session, list(decisions), now=now)
    put(session, [u.entry for u in results])
    tell_feedback(session, list(decisions), now=now)
    order_meaning(session, context.settings, [u.feedback.id for u in results if u.feedback.text], now=now)


def _answerable(
    session: Session, results: Sequence[Understanding], people: Mapping[UUID, Who], now: datetime
) -> dict[UUID, UUID]:
    """What the rules say is done: detractors get a case and a promise unless a rule waives it, unknown stances a
    place in the queue; case ids by feedback id.

    Words that answer what belongs to a case go there, whoever wrote them and however they stand.
    """
    around = results[0].around
    items = [routed(u, people[u.feedback.id]) for u in results]
    cases = _open(session, items, {u.feedback.id: u.feedback for u in results}, around.house.sla_version_id, now)
    conclude(session, items, cases, sla_version_id=around.house.sla_version_id, now=now)
    waiting = [(u.feedback.id, u.feedback.received_at) for u in results if u.decision.stance is Stance.UNKNOWN]
    if waiting:
        await_judgement(
            session,
            waiting,
            team_id=around.house.default_team_id,
            sla_version_id=around.house.sla_version_id,
            now=now,
        )
    return cases


def _open(
    session: Session,
    items: Sequence[Routed],
    feedback: Mapping[UUID, Feedback],
    sla_version_id: UUID,
    now: datetime,
) -> dict[UUID, UUID]:
    """First whatever stands for itself, then what answers it: its case may have been opened a moment ago."""
    cases: dict[UUID, UUID] = {}
    replies = [item for item in items if _answers(feedback[item.feedback_id])]
    alone = [item for item in items if not _answers(feedback[item.feedback_id])]
    cases |= open_cases(session, alone, sla_version_id=sla_version_id, now=now)
    if replies:
        answered = [feedback[item.feedback_id].answers_id for item in replies]
        known = queries.cases_of(session, [found for found in answered if found]) | cases
        for item in replies:
            answers_id = feedback[item.feedback_id].answers_id
            case_id = item.case_id or (known.get(answers_id) if answers_id else None)
            if case_id or item.fate in ("case", "promise"):
                opening = opening_of(replace(item, case_id=case_id))
                opened = open_or_join(session, [opening], sla_version_id=sla_version_id, now=now)
                cases |= opened
                known |= opened
    return cases


def _answers(feedback: Feedback) -> bool:
    return feedback.case_id is not None or feedback.answers_id is not None


def routed(result: Understanding, who: Who) -> Routed:
    """A feedback with what the rules say of it, and what would be said without them."""
    feedback, around = result.feedback, result.around
    language = result.analysis.language if result.analysis else None
    return Routed(
        feedback_id=feedback.id,
        since=feedback.received_at,
        stance=result.decision.stance,
        customer_id=who.customer_id,
        contact_point_id=who.contact_point_id,
        language=language or feedback.language_hint,
        hurt=hurt(result.facts),
        severity=priority(result.facts),
        topic_team_id=team_for(result.stored, around.teams, around.house.default_team_id),
        plan=result.plan,
        case_id=feedback.case_id,
    )


def analysis_row(result: Understanding, now: datetime) -> dict[str, Any]:
    """The row of an analysis; only for what has one."""
    analysis = result.analysis
    assert analysis is not None  # noqa: S101  (callers filter)
    return {
        "id": new_id(),
        "feedback_id": result.feedback.id,
        "language": analysis.language,
        "label": analysis.sentiment.label,
        "probability": analysis.sentiment.probability,
        "result": result.stored,
        "analyzer": result.analyzer[0],
        "version": result.analyzer[1],
        "author_id": None,
        "created_at": now,
    }


def decision_row(feedback_id: UUID, decision: Decision, now: datetime) -> dict[str, Any]:
    """The row of a stance decision by the policy."""
    return {
        "id": new_id(),
        "feedback_id": feedback_id,
        "stance": decision.stance,
        "mixed": decision.mixed,
        "reasons": list(decision.reasons),
        "policy": DEFAULT.name,
        "author_id": None,
        "created_at": now,
    }
