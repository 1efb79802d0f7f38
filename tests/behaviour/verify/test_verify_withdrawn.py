"""What was left of words that were taken back is found; not while work about them waits."""

from __future__ import annotations

from typing import Any

PROMOTER = "(SELECT id FROM feedback WHERE stance = 'promoter' ORDER BY id LIMIT 1)"
SAID = f"""
    INSERT INTO rule_deed (id, feedback_id, rule_version_id, place, action, text, created_at, done_at)
    SELECT :nobody, {PROMOTER}, (SELECT id FROM rule_version ORDER BY id LIMIT 1), 0, 'repeat', 'said: Todo bien',
           :ago, :ago
"""
WITHDRAWN = f"UPDATE feedback SET deleted_at = :ago WHERE id = {PROMOTER}"


def test_what_a_plugin_said_of_withdrawn_words_is_found(torn: Any) -> None:
    torn.tear(SAID)
    assert torn.found("deed.words") == set()
    torn.tear(WITHDRAWN)
    assert torn.found("deed.words") == {"deed.words"}
    torn.tear("UPDATE rule_deed SET text = '' WHERE id = :nobody")
    assert torn.found("deed.words") == set()


def test_while_the_withdrawal_is_being_followed_it_is_no_hole(torn: Any) -> None:
    torn.tear(SAID, WITHDRAWN, f"UPDATE work SET subject_id = {PROMOTER}, state = 'todo'")
    assert torn.found("deed.words") == set()
    torn.tear("UPDATE work SET state = 'quarantined'")
    assert torn.found("deed.words") == {"deed.words"}
