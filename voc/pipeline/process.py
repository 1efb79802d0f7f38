"""The one page: what happens to a feedback, step by step, each step one function of one room.

    receipt → feedback          voc.intake        stored first, read in the worker
    feedback → analysis         voc.analysis      language, sentiment, topics, risks, with evidence
    analysis → stance           voc.routing       promoter, passive, detractor or unknown, with reasons
    author → customer           voc.customers     verified identity, else a contact point
    stance → case or judgement  voc.cases         obligation, team, priority, clock

Analyses are computed without holding the database; everything is then written in one transaction per batch,
together with the mark that the work is done. Run twice, it changes nothing the second time.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from voc.analysis.result import Analysis as Understood
from voc.analysis.run import analyze, direct
from voc.analysis.taxonomy import Taxonomy
from voc.cases.opening import Opening, await_judgement, open_or_join
from voc.core.clock import Clock
from voc.core.ids import new_id
from voc.core.vocabulary import Stance
from voc.customers.identify import identify
from voc.db import Database
from voc.db.bulk import bulk_insert
from voc.db.types import table_of
from voc.jobs import Item
from voc.model import Analysis, Feedback, StanceDecision
from voc.pipeline import queries
from voc.plugin import Analyzer, Sentiment
from voc.plugin_host import PluginFailed, PluginHost
from voc.routing.severity import hurt, priority
from voc.routing.stance import DEFAULT, Decision, Facts, RiskWord, decide
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


@dataclass(frozen=True, slots=True)
class Understanding:
    """A feedback with what was understood of it; `analysis` and `stored` (the same as JSON) None without text."""

    feedback: Feedback
    analysis: Understood | None
    stored: dict[str, Any] | None
    decision: Decision
    facts: Facts


def understand_batch(context: Context, items: Sequence[Item]) -> Sequence[Understanding | None]:
    """Analyze and decide, without writing; None for a feedback that is gone or was processed before."""
    with context.db.reading() as session:
        known = queries.unprocessed(session, [item.subject for item in items])
        taxonomy = queries.taxonomy(session)
    found = [known.get(item.subject) for item in items]
    try:
        return context.host.guard.call("analysis", _understand_all, context.host, found, taxonomy)
    except PluginFailed as error:
        log.warning("analysis of a batch failed, one by one now", extra={"reason": error.reason})
    return [understand(context.host, feedback, taxonomy) if feedback else None for feedback in found]


def _understand_all(
    host: PluginHost, found: Sequence[Feedback | None], taxonomy: Taxonomy
) -> list[Understanding | None]:
    """A whole batch under one guard: a hop to another thread for each clause would cost more than the analysis.

    What goes wrong here goes wrong for the batch; then each text is analyzed with a guard around each call.
    """
    return [understand(host, feedback, taxonomy, guarded=False) if feedback else None for feedback in found]


def understand(host: PluginHost, feedback: Feedback, taxonomy: Taxonomy, *, guarded: bool = True) -> Understanding:
    """One feedback: its analysis, then the stance policy."""
    analysis = None
    if feedback.text:
        analysis = analyze(
            feedback.text,
            hint=feedback.language_hint,
            analyzers=_analyzers(host),
            taxonomy=taxonomy,
            call=_guarded(host) if guarded else direct,
        )
    stored = analysis.to_dict() if analysis else None
    facts = facts_of(feedback, stored)
    return Understanding(feedback, analysis, stored, decide(facts), facts)


def _analyzers(host: PluginHost) -> dict[str, Analyzer]:
    return {language: analyzer for language, (_, analyzer) in host.analyzers().items()}


def _guarded(host: PluginHost) -> Any:
    """Calls of analyzers under the guard: one that fails leaves the text unjudged, it never stops a feedback."""
    from voc.analysis.host import judge

    owners = {analyzer.name: plugin for plugin, analyzer in host.analyzers().values()}

    def call(analyzer: Analyzer, text: str, language: str) -> Sentiment | None:
        try:
            return host.guard.call(owners[analyzer.name], judge, analyzer, text, language)
        except PluginFailed as error:
            log.warning("analyzer failed", extra={"analyzer": analyzer.name, "reason": error.reason})
            return None

    return call


def facts_of(feedback: Feedback, analysis: Mapping[str, Any] | None) -> Facts:
    """What the stance policy looks at, from a feedback and its stored analysis."""
    return Facts(
        metric=feedback.metric,
        score=feedback.score,
        label=analysis["sentiment"]["label"] if analysis else None,
        probability=analysis["sentiment"]["probability"] if analysis else None,
        risks=tuple(RiskWord(r["kind"], r["start"], r["end"]) for r in analysis["risks"]) if analysis else (),
    )


def settle_batch(session: Session, context: Context, pairs: Sequence[tuple[Item, Understanding | None]]) -> None:
    """Write everything that follows, for the whole batch; one feedback named twice counts once."""
    results = {u.feedback.id: u for _, u in pairs if u is not None}
    still = queries.still_unprocessed(session, list(results))
    settle(session, context, [results[feedback_id] for feedback_id in results if feedback_id in still])


def settle(session: Session, context: Context, results: Sequence[Understanding]) -> None:
    """Analyses, stances, customers, cases and obligations of these feedback."""
    if not results:
        return
    now = context.clock()
    people = identify(
        session, context.keys, [(u.feedback.id, u.feedback.author, u.feedback.language_hint) for u in results], now=now
    )
    analyses = {u.feedback.id: _analysis_row(u, now) for u in results if u.analysis}
    decisions = {u.feedback.id: _decision_row(u.feedback.id, u.decision, now) for u in results}
    if analyses:
        bulk_insert(session.connection(), table_of(Analysis), list(analyses.values()))
    bulk_insert(session.connection(), table_of(StanceDecision), list(decisions.values()))
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
        }
        for u in results
    ]
    session.execute(update(Feedback), changes)
    house = queries.house(session)
    teams = queries.team_by_topic(session)
    openings = [
        opening_of(
            u, people[u.feedback.id].customer_id, people[u.feedback.id].contact_point_id, teams, house.default_team_id
        )
        for u in results
        if u.decision.stance is Stance.DETRACTOR
    ]
    open_or_join(session, openings, sla_version_id=house.sla_version_id, now=now)
    waiting = [(u.feedback.id, u.feedback.received_at) for u in results if u.decision.stance is Stance.UNKNOWN]
    await_judgement(session, waiting, team_id=house.default_team_id, sla_version_id=house.sla_version_id, now=now)


def opening_of(
    result: Understanding,
    customer_id: UUID | None,
    contact_point_id: UUID | None,
    teams: Mapping[str, UUID],
    default_team_id: UUID,
) -> Opening:
    """Which case a detractor feedback asks for: the team of its worst topic, priority and hurt by rule."""
    language = result.analysis.language if result.analysis else None
    return Opening(
        feedback_id=result.feedback.id,
        received_at=result.feedback.received_at,
        customer_id=customer_id,
        contact_point_id=contact_point_id,
        language=language or result.feedback.language_hint,
        team_id=team_for(result.analysis, teams, default_team_id),
        priority=priority(result.facts),
        hurt=hurt(result.facts),
    )


def team_for(analysis: Understood | None, teams: Mapping[str, UUID], default_team_id: UUID) -> UUID:
    """The team of the first topic that is spoken of badly, else of the first topic, else the default team."""
    opinions = analysis.opinions if analysis else ()
    for opinion in [*(o for o in opinions if o.label == "negative"), *opinions]:
        if opinion.topic in teams:
            return teams[opinion.topic]
    return default_team_id


def _analysis_row(result: Understanding, now: datetime) -> dict[str, Any]:
    analysis = result.analysis
    assert analysis is not None  # noqa: S101  (callers filter)
    return {
        "id": new_id(),
        "feedback_id": result.feedback.id,
        "language": analysis.language,
        "label": analysis.sentiment.label,
        "probability": analysis.sentiment.probability,
        "result": result.stored,
        "analyzer": analysis.analyzer or NOBODY,
        "version": analysis.version or "",
        "author_id": None,
        "created_at": now,
    }


def _decision_row(feedback_id: UUID, decision: Decision, now: datetime) -> dict[str, Any]:
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
