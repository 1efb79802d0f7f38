"""What must be true of one feedback with all that was made of it. Pure: rows in, keys of broken rules out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from uuid import UUID

from voc.cases.clock import Sla, judgement_due
from voc.core.vocabulary import Metric, Stance
from voc.model import Feedback
from voc.pipeline.correct import PERSON
from voc.pipeline.verify.check import rules
from voc.pipeline.verify.voices.queries import AnyRow, Voice
from voc.routing.facts import facts_of
from voc.routing.stance import POLICIES, decide

CONTACT = ("name", "email", "phone")

RULES = rules(
    """
    feedback.arrival I6 A feedback shows another moment of arrival than its receipt, so its clocks are wrong.
        Copy the moment from the receipt.
    feedback.half_processed I4 A feedback has a stance and does not count as processed, or the reverse.
        Empty its column processed_at and its decision, and the reconciler has it understood again.
    feedback.first_decision I4 What the policy decided when a feedback was processed is gone. Restore it from a backup.
    feedback.present_decision I4 A feedback does not show the newest decision about it. Correct its stance.
    feedback.stance I4 A feedback shows another stance than was decided. Correct its stance.
    decision.who I4 A person decided a stance and it is not on record who, or the policy's decision bears a name.
    decision.chain I4 What a person decided does not follow on the decision before it. Correct the stance.
    decision.policy I4 Asked again, the policy gives another stance or other reasons than are stored. Correct it.
    feedback.words I3 The words that an analysis speaks of are gone, or words were never analyzed. Restore the text.
    feedback.present_analysis I4 A feedback does not show the newest analysis of it. Correct its label or topics.
    analysis.content I4 An analysis contradicts itself or its text, or cannot be read. Restore it from a backup.
    unknown.unasked I4 Nobody is asked to judge a feedback of unknown stance.
        While `voc serve` runs the reconciler asks within ten minutes; start it.
    judgement.gone I4 A feedback once waited to be judged, and who judged it is not on record any more.
    judgement.decided I4 A judgement is half made: when, who and what do not all stand there. Correct the stance.
    judgement.unfounded I4 A judgement is shown as made and no decision of that person stands behind it, or the reverse.
        Correct the stance.
    judgement.due I6 A judgement falls due at another moment than its targets and calendar give. Judge it now.
    feedback.contact I4 The address that would be answered is not the one that the customer left.
        Restore the contact point from a backup.
    feedback.customer I2 A feedback is counted for another customer than the one who was identified. Restore it.
    """
)


def broken(voice: Voice, slas: Mapping[UUID, Sla], customers: Mapping[UUID, frozenset[UUID | None]]) -> Iterator[str]:
    """Keys of the rules that this feedback breaks. `customers` gives whom each identified author may be."""
    row = voice.row
    if row.arrived_at is not None and row.arrived_at != row.received_at:
        yield "feedback.arrival"
    if row.processed_at is None:
        if row.stance is not None or row.stance_decision_id is not None or voice.decisions:
            yield "feedback.half_processed"
        return
    if row.stance is None or row.stance_decision_id is None:
        yield "feedback.half_processed"
    yield from _decisions(voice)
    yield from _analyses(voice)
    yield from _judgement(voice, slas)
    author = row.author or {}
    if not _same_contact(author, voice.point):
        yield "feedback.contact"
    if row.id in customers and row.customer_id not in customers[row.id]:
        yield "feedback.customer"


def _decisions(voice: Voice) -> Iterator[str]:
    row, decisions = voice.row, voice.decisions
    first = next((decision for decision in decisions if decision.policy != PERSON), None)
    if first is None or first.created_at != row.processed_at:
        yield "feedback.first_decision"
    if decisions and decisions[-1].id != row.stance_decision_id:
        yield "feedback.present_decision"
    shown = next((decision for decision in decisions if decision.id == row.stance_decision_id), None)
    if shown is not None and (shown.stance, shown.mixed) != (row.stance, row.mixed):
        yield "feedback.stance"
    if any((decision.policy == PERSON) != (decision.author_id is not None) for decision in decisions):
        yield "decision.who"
    # Words that were taken back can prove nothing any more.
    if first is not None and row.deleted_at is None and not _policy_agrees(voice, first):
        yield "decision.policy"
    for before, decision in pairwise(decisions):
        if decision.policy == PERSON and decision.reasons != [
            {"kind": "person", "before": before.stance, "stance": decision.stance}
        ]:
            yield "decision.chain"


def _policy_agrees(voice: Voice, decision: AnyRow) -> bool:
    """Whether the policy, asked again about the stored score and the first analysis, gives the stored decision."""
    policy = POLICIES.get(decision.policy)
    if policy is None:
        return False
    try:
        metric = Metric(voice.row.metric) if voice.row.metric is not None else None
        again = decide(facts_of(Feedback(metric=metric, score=voice.row.score), _result_then(voice, decision)), policy)
    except (ValueError, KeyError, TypeError):
        return False
    return (again.stance.value, again.mixed, list(again.reasons)) == (
        decision.stance,
        decision.mixed,
        decision.reasons,
    )


def _result_then(voice: Voice, decision: AnyRow) -> dict[str, Any] | None:
    """What the pipeline understood when it decided. Words that came later (a survey's reason) had no part in that."""
    if voice.row.edited_at is None:
        return _machine_result(voice)
    at = decision.created_at
    return next((item.result for item in voice.analyses if item.author_id is None and item.created_at == at), None)


def _machine_result(voice: Voice) -> dict[str, Any] | None:
    """What the pipeline itself understood, before anybody corrected it."""
    return next((analysis.result for analysis in voice.analyses if analysis.author_id is None), None)


def _analyses(voice: Voice) -> Iterator[str]:
    row, analyses = voice.row, voice.analyses
    if bool(row.text) != (_machine_result(voice) is not None):
        yield "feedback.words"
    if (analyses[-1].id if analyses else None) != row.analysis_id:
        yield "feedback.present_analysis"
    # Earlier analyses speak of earlier words, which only their receipts have.
    if not all(_analysis_agrees(analysis, len(row.text or "")) for analysis in analyses[-1 if row.edited_at else 0 :]):
        yield "analysis.content"


def _analysis_agrees(analysis: AnyRow, length: int) -> bool:
    """Columns as in the result, every piece of evidence inside the text, and a name where a person judged."""
    try:
        result, sentiment = analysis.result, analysis.result["sentiment"]
        inside = all(
            0 <= item["start"] <= item["end"] <= length
            for name in ("evidence", "opinions", "risks")
            for item in result[name]
        )
        said = (result["language"], sentiment["label"], sentiment["probability"])
    except (KeyError, TypeError):
        return False
    of_person = (analysis.analyzer == PERSON) == (analysis.author_id is not None)
    return inside and of_person and said == (analysis.language, analysis.label, analysis.probability)


def _judgement(voice: Voice, slas: Mapping[UUID, Sla]) -> Iterator[str]:
    row, judgement = voice.row, voice.judgement
    unknown = Stance.UNKNOWN.value
    if judgement is None:
        if row.stance == unknown:
            yield "unknown.unasked"
        elif any(decision.stance == unknown and not _overtaken(voice, decision) for decision in voice.decisions):
            yield "judgement.gone"
        return
    made = (judgement.decided_at is not None, judgement.decided_by is not None, judgement.decision is not None)
    if len(set(made)) > 1:
        yield "judgement.decided"
    if (judgement.decided_at is None) != (row.stance == unknown) or (
        judgement.decided_at is not None
        and not any(
            (decision.author_id, decision.stance, decision.created_at)
            == (judgement.decided_by, judgement.decision, judgement.decided_at)
            for decision in voice.decisions
        )
    ):
        yield "judgement.unfounded"
    sla = slas.get(judgement.sla_version_id)
    if sla is not None and judgement.due_at != judgement_due(sla, row.received_at):
        yield "judgement.due"


def _overtaken(voice: Voice, decision: AnyRow) -> bool:
    """Whether the customer's later words made the policy decide anew, so that nobody has to judge any more."""
    later = voice.decisions[voice.decisions.index(decision) + 1 :]
    return voice.row.edited_at is not None and any(item.policy != PERSON for item in later)


def _same_contact(author: Mapping[str, Any], point: AnyRow | None) -> bool:
    left = tuple(author.get(name) for name in CONTACT)
    if not any(left):
        return point is None
    return point is not None and left == (point.name, point.email, point.phone)
