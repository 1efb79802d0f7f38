"""Column by column: whatever is changed past the services is found, or it is said here why nobody can know.

A line of CHANGES is raw SQL in parts: column | which rows | new value | what must be found. Both lists together are
held complete against the models.
"""

from __future__ import annotations

from typing import Any

import pytest

from voc.model import metadata

API = "(SELECT id FROM channel WHERE slug <> 'feedback')"
FORM = "(SELECT id FROM channel WHERE slug = 'feedback')"
ADMIN = "(SELECT id FROM \"user\" WHERE email = 'admin@localhost')"
PROMOTER = "(SELECT id FROM feedback WHERE stance = 'promoter' ORDER BY id LIMIT 1)"
WAITING = "(SELECT feedback_id FROM judgement WHERE decided_at IS NULL ORDER BY feedback_id LIMIT 1)"
HEADLINE = '(SELECT headline_id FROM "case" WHERE number = 1)'
OTHER = """'{"external_id"\\: "c-8", "verified"\\: true, "name"\\: "Luis"}'"""
RESOLVED = "(SELECT id FROM \"case\" WHERE state = 'resolved' ORDER BY id LIMIT 1)"

ARRIVAL = f"""
receipt.id | door = 'form' AND state = 'read' AND delivery_id = 'shown' | :nobody | reference.feedback.receipt_id
receipt.channel_id | door = 'form' AND state = 'read' | {API} | feedback.channel
receipt.channel_id | state = 'robot' | {API} | receipt.unkeyed
receipt.door | door = 'form' AND state = 'read' | 'api' | receipt.unkeyed
receipt.door | true | 'nonsense' | word.receipt.door
receipt.body | state = 'stored' | NULL | receipt.body_lost
receipt.body | state = 'quarantined' | NULL | receipt.body_lost
receipt.body | door = 'form' | :bytes | key.content
receipt.received_at | state = 'read' | :ago | feedback.arrival
receipt.received_at | state = 'robot' | :ago | key.content
receipt.delivery_id | door = 'form' | NULL | receipt.unkeyed
receipt.delivery_id | door = 'api' | 'other' | receipt.unkeyed
receipt.delivery_id | door = 'form' | 'other' | receipt.doubled
receipt.tracking_code | true | NULL | receipt.no_code
receipt.state | delivery_id = 'shown' | 'stored' | receipt.unread
receipt.state | delivery_id = 'shown' | 'robot' | receipt.not_read
receipt.state | state = 'robot' | 'read' | receipt.without_feedback
receipt.state | state = 'quarantined' | 'read' | receipt.without_feedback
receipt.state | state = 'stored' | 'ignored' | receipt.no_reason
receipt.reason | state = 'robot' | NULL | receipt.no_reason
receipt.reason | state = 'quarantined' | '' | receipt.no_reason
delivery_key.key | receipt_id = (SELECT id FROM receipt WHERE state = 'robot') | :bytes | receipt.unkeyed
delivery_key.content_hash | key = content_hash | :bytes | feedback.unkeyed
delivery_key.content_hash | key <> content_hash | :bytes | key.content
delivery_key.receipt_id | key <> content_hash | :nobody | reference.delivery_key.receipt_id
delivery_key.receipt_id | key = content_hash | (SELECT id FROM receipt WHERE state = 'robot') | key.elsewhere
delivery_key.feedback_id | key = content_hash | NULL | feedback.unkeyed
delivery_key.feedback_id | feedback_id IS NULL | {PROMOTER} | key.content
delivery_key.feedback_id | key <> content_hash AND feedback_id IS NOT NULL | {PROMOTER} | key.elsewhere
delivery_key.feedback_id | true | :nobody | reference.delivery_key.feedback_id
delivery_key.created_at | key <> content_hash | :ago | key.content
feedback.id | score = 6 | :nobody | reference.obligation.feedback_id
feedback.receipt_id | score > 6 | (SELECT id FROM receipt WHERE delivery_id = 'first') | feedback.doubled
feedback.receipt_id | stance = 'unknown' | :nobody | receipt.without_feedback
feedback.channel_id | true | {FORM} | feedback.channel
feedback.text | score IS NOT NULL AND text IS NOT NULL AND processed_at IS NOT NULL | NULL | feedback.words
feedback.text | score IS NULL | NULL | feedback.empty
feedback.text | score = 7 | 'words' | feedback.words
feedback.metric | score = 7 | NULL | feedback.score
feedback.metric | score = 10 | 'stars' | feedback.score
feedback.metric | score = 1 | 'csat' | decision.policy
feedback.score | score = 7 | NULL | feedback.score
feedback.score | score = 0 | 9 | decision.policy
feedback.score | score = 0 | 11 | feedback.score
feedback.received_at | true | :ago | feedback.arrival
feedback.author | contact_point_id IS NOT NULL | NULL | feedback.contact
feedback.author | customer_id IS NOT NULL | {OTHER} | feedback.customer
feedback.processed_at | stance = 'promoter' | NULL | feedback.unprocessed
feedback.processed_at | processed_at IS NULL | :ago | feedback.half_processed
feedback.processed_at | processed_at IS NOT NULL | :ago | feedback.first_decision
feedback.stance | stance = 'detractor' | NULL | feedback.half_processed
feedback.stance | stance = 'detractor' | 'passive' | obligation.not_owed
feedback.stance | stance = 'promoter' | 'detractor' | detractor.unpromised
feedback.stance | stance = 'promoter' | 'unknown' | unknown.unasked
feedback.stance | stance = 'passive' | 'detractor' | detractor.let_go
feedback.stance | stance = 'unknown' | 'passive' | judgement.unfounded
feedback.mixed | stance = 'promoter' | true | feedback.stance
feedback.analysis_id | analysis_id IS NOT NULL | NULL | feedback.present_analysis
feedback.analysis_id | analysis_id IS NOT NULL | :nobody | reference.feedback.analysis_id
feedback.stance_decision_id | stance IS NOT NULL | NULL | feedback.half_processed
feedback.stance_decision_id | true | (SELECT id FROM stance_decision ORDER BY id LIMIT 1) | feedback.present_decision
feedback.customer_id | customer_id IS NOT NULL | NULL | feedback.customer
feedback.customer_id | stance = 'promoter' | (SELECT id FROM customer) | feedback.customer
feedback.contact_point_id | contact_point_id IS NOT NULL | NULL | feedback.contact
feedback.case_id | stance = 'detractor' | NULL | obligation.case
feedback.case_id | customer_id IS NOT NULL | {RESOLVED} | case.customer
"""

UNDERSTANDING = f"""
analysis.id | id = (SELECT analysis_id FROM feedback WHERE score = 9) | :nobody | feedback.present_analysis
analysis.feedback_id | author_id IS NOT NULL | {RESOLVED} | reference.analysis.feedback_id
analysis.language | true | 'xx' | analysis.content
analysis.label | true | 'other' | analysis.content
analysis.probability | true | 0.125 | analysis.content
analysis.result | true | '{{}}' | analysis.content
analysis.analyzer | author_id IS NULL | 'person' | analysis.content
analysis.author_id | author_id IS NOT NULL | NULL | analysis.content
analysis.author_id | author_id IS NULL | {ADMIN} | feedback.words
stance_decision.id | feedback_id = {PROMOTER} | :nobody | reference.feedback.stance_decision_id
stance_decision.feedback_id | author_id IS NOT NULL | {PROMOTER} | feedback.present_decision
stance_decision.stance | author_id IS NULL | 'promoter' | feedback.stance
stance_decision.stance | author_id IS NOT NULL | 'unknown' | decision.chain
stance_decision.mixed | true | true | feedback.stance
stance_decision.reasons | author_id IS NULL | '[]' | decision.policy
stance_decision.reasons | author_id IS NOT NULL | '[]' | decision.chain
stance_decision.policy | author_id IS NULL | 'default-0' | decision.policy
stance_decision.policy | author_id IS NULL | 'person' | feedback.first_decision
stance_decision.author_id | author_id IS NOT NULL | NULL | decision.who
stance_decision.author_id | author_id IS NULL | {ADMIN} | decision.who
stance_decision.created_at | author_id IS NULL | :ago | feedback.first_decision
stance_decision.created_at | author_id IS NOT NULL | :ago | judgement.unfounded
contact_point.id | name = 'Ana' | :nobody | reference.feedback.contact_point_id
contact_point.name | name IS NOT NULL | 'other' | feedback.contact
contact_point.email | email IS NOT NULL | NULL | feedback.contact
contact_point.email | email IS NOT NULL | 'other@example.com' | feedback.contact
contact_point.phone | true | '+51 1' | feedback.contact
contact_point.email_key | email IS NOT NULL | NULL | contact.key
contact_point.phone_key | true | '+5112345678' | contact.key
judgement.feedback_id | feedback_id = {WAITING} | {PROMOTER} | unknown.unasked
judgement.team_id | true | :nobody | reference.judgement.team_id
judgement.sla_version_id | true | :nobody | reference.judgement.sla_version_id
judgement.due_at | true | :far | judgement.due
judgement.escalated_at | escalated_at IS NOT NULL | NULL | judgement.untold
judgement.escalated_at | decided_at IS NOT NULL | :ago | judgement.escalated_at
judgement.decided_at | decided_at IS NOT NULL | NULL | judgement.decided
judgement.decided_at | decided_at IS NULL | :ago | judgement.decided
judgement.decided_by | decided_at IS NOT NULL | NULL | judgement.decided
judgement.decided_by | decided_at IS NOT NULL | {ADMIN} | judgement.unfounded
judgement.decision | decided_at IS NOT NULL | NULL | judgement.decided
judgement.decision | decided_at IS NOT NULL | 'passive' | judgement.unfounded
"""

FOLLOW_UP = f"""
obligation.feedback_id | feedback_id = {HEADLINE} | {PROMOTER} | detractor.unpromised
obligation.case_id | state = 'open' | NULL | obligation.unseen
obligation.case_id | state = 'met' | NULL | obligation.unsent
obligation.case_id | state = 'open' | {RESOLVED} | obligation.case
obligation.state | state = 'open' | 'met' | obligation.unsent
obligation.state | state = 'open' | 'waived' | obligation.unexplained
obligation.state | state = 'met' | 'open' | obligation.two_states
obligation.state | state = 'waived' | 'open' | obligation.two_states
obligation.state | true | 'nonsense' | word.obligation.state
obligation.due_at | state = 'open' | :far | clock.obligation
obligation.met_at | state = 'met' | NULL | obligation.met_at
obligation.met_at | state = 'met' | :ago | obligation.met_at
obligation.message_id | state = 'met' | NULL | obligation.unsent
obligation.message_id | state = 'met' | (SELECT id FROM message WHERE state = 'failed') | obligation.unsent
obligation.waived_at | state = 'waived' | NULL | obligation.unexplained
obligation.waived_at | state = 'waived' | :ago | obligation.waiver
obligation.waived_by | state = 'waived' | NULL | obligation.waiver
obligation.waived_by | state = 'waived' | {ADMIN} | obligation.waiver
obligation.waive_reason | state = 'waived' | NULL | obligation.unexplained
obligation.waive_reason | state = 'waived' | 'another' | obligation.waiver
obligation.promised_rule_id | true | :nobody | reference.obligation.promised_rule_id
obligation.waived_rule_id | state = 'open' | (SELECT id FROM rule_version LIMIT 1) | obligation.two_states
obligation.waived_rule_id | state = 'waived' | (SELECT id FROM rule_version LIMIT 1) | obligation.unruled
case.id | number = 1 | :nobody | reference.obligation.case_id
case.number | number = 1 | 99999 | case.counter
case.version | true | 1 | message.version
case.state | state = 'open' | 'resolved' | obligation.unseen
case.state | state = 'resolved' | 'open' | clock.state
case.state | state = 'open' | 'waiting' | clock.state
case.priority | true | 'low' | clock.priority
case.hurt | true | 0 | clock.attention_at
case.team_id | id IN (SELECT case_id FROM case_event WHERE CAST(data AS TEXT) LIKE '%team_id%') | :nobody | case.owner
case.team_id | true | :nobody | reference.case.team_id
case.owner_id | owner_id IS NOT NULL | NULL | case.owner
case.owner_id | true | {ADMIN} | case.owner
case.customer_id | customer_id IS NOT NULL | NULL | case.customer
case.customer_id | customer_id IS NULL | (SELECT id FROM customer) | case.customer
case.contact_point_id | contact_point_id IS NOT NULL | NULL | case.customer
case.headline_id | true | {PROMOTER} | case.headline
case.sla_version_id | true | :nobody | clock.unreadable
case.opened_at | true | :ago | case.opened
case.first_answered_at | first_answered_at IS NOT NULL | NULL | clock.first_answered_at
case.first_answered_at | first_answered_at IS NULL | :ago | clock.first_answered_at
case.resolved_at | resolved_at IS NOT NULL | NULL | clock.resolved_at
case.resolved_at | resolved_at IS NULL | :ago | clock.resolved_at
case.response_due_at | response_due_at IS NOT NULL | NULL | clock.response_due_at
case.response_due_at | true | :far | clock.response_due_at
case.resolution_due_at | state = 'open' | NULL | clock.resolution_due_at
case.resolution_due_at | true | :far | clock.resolution_due_at
case.next_due_at | state = 'open' | NULL | case.no_deadline
case.next_due_at | true | :far | clock.next_due_at
case.attention_at | true | :far | clock.attention_at
case.escalate_at | escalate_at IS NOT NULL | NULL | clock.escalate_at
case.escalate_at | true | :far | clock.escalate_at
case.escalated_at | escalated_at IS NOT NULL | NULL | case.escalated_at
case.escalated_at | escalated_at IS NULL | :ago | case.escalated_at
case_event.case_id | kind = 'opened' | {RESOLVED} | case.opened
case_event.case_id | kind = 'joined' | {RESOLVED} | obligation.untold
case_event.kind | kind = 'opened' | 'other' | case.opened
case_event.kind | kind = 'joined' | 'other' | clock.waiting
case_event.kind | kind = 'answered' | 'other' | answer.uncounted
case_event.kind | kind = 'waived' | 'other' | obligation.waiver
case_event.kind | kind = 'obliged' | 'other' | clock.waiting
case_event.kind | kind = 'resolved' | 'other' | clock.state
case_event.kind | kind = 'reopened' | 'other' | clock.state
case_event.kind | kind = 'prioritized' | 'other' | event.kind
case_event.kind | kind = 'assigned' | 'other' | case.owner
case_event.kind | kind = 'answer_queued' | 'other' | answer.unwritten
case_event.kind | kind = 'answer_failed' | 'other' | answer.untold
case_event.at | kind = 'opened' | :ago | clock.response_due_at
case_event.at | kind = 'joined' | :ago | clock.obligation
case_event.at | kind = 'answered' | :ago | clock.first_answered_at
case_event.at | kind = 'waived' | :ago | obligation.waiver
case_event.at | kind = 'resolved' | :far | clock.resolved_at
case_event.at | kind = 'reopened' | :far | clock.resolution_due_at
case_event.at | kind = 'answer_queued' | :ago | answer.unwritten
case_event.actor_id | kind = 'answered' | NULL | answer.unsent
case_event.actor_id | kind = 'waived' | NULL | obligation.waiver
case_event.actor_id | kind = 'answer_queued' | NULL | answer.unwritten
case_event.data | kind = 'opened' | '{{}}' | case.opened
case_event.data | kind = 'joined' | '{{}}' | obligation.untold
case_event.data | kind = 'answered' | '{{}}' | answer.unsent
case_event.data | kind = 'prioritized' | '{{"priority"\\: "nonsense"}}' | clock.unreadable
case_event.data | kind = 'assigned' | '{{}}' | case.owner
message.id | state = 'failed' | :nobody | message.header
message.case_id | state = 'sent' | {RESOLVED} | obligation.unsent
message.author_id | true | {ADMIN} | answer.unwritten
message.case_version | true | 99 | message.version
message.via | via = 'email' | 'status_page' | message.recipient
message.via | via = 'email' | 'channel' | message.recipient
message.channel_id | via = 'email' | {FORM} | message.recipient
message.bounced_at | state = 'sent' | :ago | message.bounced
message.via | via = 'status_page' | 'email' | message.recipient
message.recipient | via = 'email' | NULL | message.recipient
message.recipient | via = 'email' | 'other@example.com' | message.recipient
message.delivered_at | via = 'status_page' | :ago | message.fate
message.read_at | state = 'sent' | :ago | message.fate
message.header_id | state = 'failed' | 'other' | message.header
message.state | state = 'sent' | 'failed' | obligation.unsent
message.state | state = 'sent' | 'queued' | message.idle
message.state | state = 'failed' | 'sent' | message.sent_at
message.state | state = 'failed' | 'sending' | message.idle
message.error | state = 'failed' | NULL | message.no_error
message.created_at | true | :ago | obligation.unsent
message.sent_at | state = 'sent' | NULL | message.sent_at
message.sent_at | state = 'sent' | :far | obligation.met_at
message.sent_at | state = 'failed' | :ago | message.sent_at
escalation.subject_id | clock = 'resolution' | :nobody | escalation.subject
escalation.subject_id | clock = 'judgement' | :nobody | escalation.subject
escalation.case_id | case_id IS NOT NULL | NULL | escalation.subject
escalation.clock | clock = 'resolution' | 'judgement' | escalation.subject
escalation.due_at | clock = 'first_response' | :ago | case.untold
escalation.due_at | clock = 'judgement' | :ago | judgement.untold
escalation.told_id | true | NULL | escalation.nobody
escalation.created_at | clock <> 'judgement' | :far | case.escalated_at
escalation.created_at | clock = 'judgement' | :far | judgement.escalated_at
sla_version.id | true | :nobody | reference.house.sla_version_id
sla_version.definition | true | '{{}}' | sla.unreadable
work.kind | kind = 'intake.read' | 'nobody.knows' | receipt.unread
work.kind | kind = 'pipeline.process' | 'nobody.knows' | feedback.unprocessed
work.kind | kind = 'cases.answered' | 'nobody.knows' | answer.uncounted
work.kind | kind = 'delivery.send' | 'nobody.knows' | message.idle
work.lane | true | 'nowhere' | work.stuck
work.subject_id | kind = 'pipeline.process' | NULL | feedback.unprocessed
work.subject_id | kind = 'pipeline.process' | :nobody | work.subject
work.state | state = 'todo' | 'quarantined' | work.no_reason
work.state | state = 'todo' | 'doing' | work.stuck
work.due_at | state = 'todo' | :far | work.stuck
work.worker | state = 'doing' | NULL | work.stuck
work.lease_until | state = 'doing' | NULL | work.stuck
work.lease_until | state = 'doing' | :far | work.stuck
work.error | state = 'quarantined' | NULL | work.no_reason
"""

# Why a change of these cannot be known from the data. Where a column is also in CHANGES, other changes of it are meant.
UNKNOWABLE = {
    "receipt.content_type": "a label of the sender; what counts is the body, and that is hashed",
    "receipt.headers": "kept for people to look at; no rule reads them",
    "receipt.tracking_code": "random: another code is as good, only a missing one shows",
    "feedback.text": "other words of the same length leave every piece of evidence inside the text",
    "feedback.language_hint": "what the page said; the language found stands in the analysis",
    "feedback.sent_at": "what the sender said; clocks start from received_at",
    "feedback.consent": "what the customer ticked, written down once",
    "feedback.unit": "what the sender said, written down once",
    "feedback.facts": "what the sender said, written down once",
    "feedback.subject": "what the sender said, written down once",
    "feedback.reply_to": "what the channel needs to answer there; it alone knows what it means",
    "feedback.reach": "what the channel said, written down once",
    "feedback.answers_id": "was used up when the feedback joined its case",
    "feedback.edited_at": "when the customer said so; the receipts have every version",
    "feedback.deleted_at": "when the customer said so; nothing is left to compare it with",
    "message.external_id": "the channel's own id; it alone knows what it means",
    "message.reply_to": "what the channel needs to answer there; it alone knows what it means",
    "analysis.version": "a name; the same analyzer cannot be asked again in an older version",
    "analysis.created_at": "only shown; the order is that of the keys",
    "contact_point.created_at": "only shown",
    "judgement.created_at": "only spares what has just come in from being called untold",
    "obligation.id": "nothing refers to it but the audit trail",
    "obligation.created_at": "only spares what has just come in from being called untold",
    "case.number": "any free number is as good, only one that was not given out shows",
    "case.version": "a higher version is as good, only one that was answered already shows",
    "case.team_id": "a case that was never assigned has no event that names its team",
    "case.language": "only shown, and chooses the words around an answer",
    "case_event.id": "gives the order; what depends on the order shows in the clock",
    "case_event.actor_id": "for kinds other than answers and waivers only shown",
    "message.subject": "what was written, written down once",
    "message.text": "what was written, written down once",
    "message.attempts": "only counts",
    "message.resolves": "a wish that is used up when the answer was sent",
    "escalation.id": "nothing refers to it",
    "escalation.rung": "there is one rung in this form",
    "sla_version.name": "only shown",
    "sla_version.created_at": "only shown",
    "work.id": "nothing refers to it",
    "work.data": "variables of a notice; what the notice tells is on record as escalation",
    "work.dedupe": "random, so that nothing is done twice by chance",
    "work.attempts": "only counts",
    "work.created_at": "only shown",
}

CHANGES = [line for table in (ARRIVAL, UNDERSTANDING, FOLLOW_UP) for line in table.strip().splitlines()]
THREAD = {
    "receipt", "delivery_key", "feedback", "analysis", "stance_decision", "contact_point", "judgement", "obligation",
    "case", "case_event", "message", "escalation", "sla_version", "work",
}  # fmt: skip


def parts(line: str) -> tuple[str, str, str, str]:
    place, rows, value, finds = (part.strip() for part in line.split(" | "))
    return place, rows, value, finds


def name(line: str) -> str:
    place, rows, value, finds = parts(line)
    return f"{place}-{rows}-{value}-{finds}"[:90]


@pytest.mark.parametrize("line", CHANGES, ids=name)
def test_change_is_found(torn: Any, line: str) -> None:
    place, rows, value, finds = parts(line)
    table, column = place.split(".")
    torn.tear(f'UPDATE "{table}" SET {column} = {value} WHERE {rows}')
    assert torn.found(finds) == {finds}


def test_every_column_is_in_a_list() -> None:
    columns = {f"{table}.{column.name}" for table in THREAD for column in metadata.tables[table].columns}
    listed = {parts(line)[0] for line in CHANGES} | set(UNKNOWABLE)
    assert columns - listed == set()
    assert listed - columns == set()


def test_every_reason_is_a_sentence() -> None:
    assert [place for place, reason in UNKNOWABLE.items() if len(reason) < 8] == []
