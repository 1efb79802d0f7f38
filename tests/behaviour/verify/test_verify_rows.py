"""Row by row: whatever is missing is found, or it is said here why nobody can know. And what is too many."""

from __future__ import annotations

from typing import Any

import pytest

# table | which rows | what must be found. The first part takes rows of every sort, the second all of a table.
REMOVALS = """
receipt | state = 'stored' | work.subject
receipt | state = 'robot' | reference.delivery_key.receipt_id
receipt | state = 'quarantined' | reference.delivery_key.receipt_id
receipt | delivery_id = 'first' | reference.feedback.receipt_id
delivery_key | key = content_hash | feedback.unkeyed
delivery_key | key <> content_hash AND feedback_id IS NULL | receipt.unkeyed
delivery_key | key <> content_hash AND feedback_id IS NOT NULL | receipt.unkeyed
feedback | score = 10 | receipt.without_feedback
feedback | stance = 'unknown' | reference.judgement.feedback_id
feedback | stance = 'detractor' | reference.obligation.feedback_id
feedback | processed_at IS NULL | work.subject
analysis | author_id IS NULL | feedback.words
analysis | author_id IS NOT NULL | feedback.present_analysis
stance_decision | author_id IS NULL | feedback.first_decision
stance_decision | author_id IS NOT NULL | feedback.present_decision
obligation | state = 'open' | detractor.unpromised
obligation | state = 'met' | detractor.unpromised
obligation | state = 'waived' | event.unpromised
judgement | decided_at IS NULL | unknown.unasked
judgement | decided_at IS NOT NULL | judgement.gone
case | state = 'open' | obligation.unseen
case | state = 'resolved' | reference.obligation.case_id
case_event | kind = 'opened' | case.opened
case_event | kind = 'joined' | obligation.untold
case_event | kind = 'obliged' | clock.waiting
case_event | kind = 'waived' | obligation.waiver
case_event | kind = 'answered' | answer.uncounted
case_event | kind = 'answer_queued' | answer.unwritten
case_event | kind = 'answer_failed' | answer.untold
case_event | kind = 'assigned' | case.owner
case_event | kind = 'resolved' | clock.state
case_event | kind = 'reopened' | clock.state
case_event | kind = 'prioritized' | clock.priority
message | state = 'sent' | obligation.unsent
message | state = 'failed' | answer.unwritten
message | state = 'queued' | answer.unwritten
escalation | clock = 'first_response' | case.untold
escalation | clock = 'resolution' | case.untold
escalation | clock = 'judgement' | judgement.untold
sla_version | true | clock.unreadable
contact_point | true | reference.feedback.contact_point_id
work | kind = 'intake.read' | receipt.unread
work | kind = 'pipeline.process' | feedback.unprocessed
work | kind = 'delivery.send' | message.idle
work | kind = 'cases.answered' | answer.uncounted
customer | true | reference.feedback.customer_id
identity | true | feedback.customer
team | true | reference.case.team_id
user | name = 'camila' | reference.message.author_id
channel | slug = 'feedback' | reference.receipt.channel_id
house | true | house.setup
counter | true | case.counter
topic_version | true | topic.version
rule | true | reference.rule_version.rule_id
rule_version | true | reference.rule.version_id
receipt | true | reference.feedback.receipt_id
delivery_key | true | receipt.unkeyed
feedback | true | receipt.without_feedback
analysis | true | feedback.words
stance_decision | true | feedback.first_decision
obligation | true | detractor.unpromised
judgement | true | unknown.unasked
case | true | obligation.unseen
case_event | true | case.opened
message | true | obligation.unsent
escalation | true | case.untold
work | true | feedback.unprocessed
"""

# Rows that may be gone without leaving a hole that the data could show.
UNKNOWABLE = {
    "case_event, kind answer_retried": "the answer itself says how it ended; that somebody pressed twice is not kept",
    "case_event, kind assigned, but the last": "the owner is whom the case was last given to",
    "escalation, but the newest, of a deadline that no longer runs": "the case keeps the moment of the newest one",
    "work, kind delivery.notice": "the mail to a colleague is lost; what it tells of is on record and on the screen",
    "work, kind intake.form": "the form is computed again at every start",
    "work, in quarantine": "what it was about is missed by its own check (unread, unprocessed, idle, uncounted)",
    "note": "notes belong to no promise",
    "rule_match, of a rule that neither promised nor waived": "what it did shows on the case, may be done again",
    "analysis_run": "what a run did stands with each feedback; a run that is gone is asked for again",
    "topic_head, but the one in use": "what was learnt is learnt again; only the one in use is missed",
    "rule_deed": "what a plugin did shows on the case and belongs to no promise; the plugin's own side has it too",
    "slot_panel": "what a plugin showed is asked again",
    "work, kind routing.deed": "the deed shows as not done on the case",
    "work, kind delivery.notifier": "as the mail to a colleague: what it tells of is on record and on the screen",
    "work, kind cases.panel": "the panel is asked again when somebody wants to know",
    "feedback_tag": "tags belong to no promise",
    "rule_run": "what a run did stands with each feedback; a run that is gone is asked for again",
    "audit_entry": "the trail is only ever added to and proves itself nothing",
}


def parts(line: str) -> tuple[str, str, str]:
    table, rows, finds = (part.strip() for part in line.split(" | "))
    return table, rows, finds


@pytest.mark.parametrize("line", REMOVALS.strip().splitlines())
def test_missing_rows_are_found(torn: Any, line: str) -> None:
    table, rows, finds = parts(line)
    torn.tear(f'DELETE FROM "{table}" WHERE {rows}')
    assert torn.found(finds) == {finds}


@pytest.mark.parametrize("kind", sorted({parts(line)[0] for line in REMOVALS.strip().splitlines()}))
def test_an_emptied_table_breaks_the_whole(torn: Any, kind: str) -> None:
    """The whole verification gets through whatever is missing, and is not content."""
    torn.tear(f'DELETE FROM "{kind}"')
    assert not torn.look().ok


def test_two_feedback_of_one_delivery(torn: Any) -> None:
    torn.tear(
        "UPDATE feedback SET receipt_id = (SELECT id FROM receipt WHERE delivery_id = 'first') WHERE score = 7",
        "DELETE FROM receipt WHERE delivery_id = 'plain'",
    )
    assert "feedback.doubled" in torn.found()


def test_two_answers_to_one_state(torn: Any) -> None:
    torn.tear(
        "UPDATE message SET case_version = (SELECT min(case_version) FROM message), "
        "case_id = (SELECT case_id FROM message ORDER BY id LIMIT 1)"
    )
    assert "message.version" in torn.found()


def test_policy_is_asked_again(torn: Any) -> None:
    """A detractor made a promoter everywhere at once is still found: the score and the words are the raw data."""
    torn.tear(
        "UPDATE stance_decision SET stance = 'promoter' WHERE author_id IS NULL",
        "UPDATE feedback SET stance = 'promoter' WHERE stance = 'detractor'",
        "DELETE FROM obligation",
    )
    assert "decision.policy" in torn.found()


def test_clock_is_computed_again(torn: Any) -> None:
    """Deadlines moved consistently in every column are still found: the events are the raw data."""
    torn.tear(
        'UPDATE "case" SET response_due_at = :far, resolution_due_at = :far, next_due_at = :far, escalate_at = :far '
        "WHERE state = 'open'",
        "UPDATE obligation SET due_at = :far WHERE state = 'open'",
    )
    found = torn.found()
    assert {"clock.response_due_at", "clock.resolution_due_at", "clock.next_due_at", "clock.obligation"} <= found


def test_changed_targets_are_found(torn: Any) -> None:
    torn.tear("UPDATE sla_version SET definition = (SELECT names FROM topic ORDER BY id LIMIT 1)")
    assert {"sla.unreadable", "clock.unreadable"} <= torn.found()


def test_another_key_is_found(torn: Any) -> None:
    torn.tear("UPDATE house SET key_check = 'of another key'")
    assert torn.found("house.key") == {"house.key"}


def test_deadlines_that_nobody_is_told_of(torn: Any) -> None:
    """As when no worker has been running: not at once, but after the grace."""
    assert torn.found("case.untold", "judgement.untold") == set()
    report = torn.look("case.untold", "judgement.untold", days=5)
    assert {finding.check for finding in report.findings} == {"case.untold", "judgement.untold"}
    assert {finding.invariant for finding in report.findings} == {"I5"}


def test_people_left_behind_are_counted_once(torn: Any) -> None:
    """Two promises gone, one feedback without work, one message of nobody: four people."""
    torn.tear(
        "DELETE FROM obligation WHERE feedback_id IN (SELECT id FROM feedback WHERE score IN (3, 6))",
        "DELETE FROM work WHERE kind = 'pipeline.process'",
        "DELETE FROM judgement WHERE feedback_id = "
        "(SELECT id FROM feedback WHERE stance = 'unknown' ORDER BY id LIMIT 1)",
    )
    assert torn.look().left_behind == 4


def test_examples_are_few_and_the_count_is_whole(torn: Any) -> None:
    torn.tear("UPDATE receipt SET tracking_code = NULL")
    (finding,) = torn.look("receipt.no_code").findings
    assert len(finding.examples) == 5
    assert finding.count == 25


def test_reasons_are_given() -> None:
    assert all(len(reason) > 20 for reason in UNKNOWABLE.values())
