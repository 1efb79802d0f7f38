"""The pages for rules: the list, trying, saving with a mistake and without, running again, and what a case tells."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from voc.model import Feedback, Rule, RuleRun, RuleVersion

GOOD = {"name": "Worst", "condition": "score <= 2", "fate": "case", "priority": "urgent", "tags": "worst, VIP"}


def plain(answer: Any) -> str:
    """What a person reads: no tags, entities resolved, spaces as one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def rules(desk: Any) -> dict[str, Rule]:
    with desk.runtime.db.reading() as session:
        pairs = session.execute(select(RuleVersion.name, Rule).join(Rule, Rule.version_id == RuleVersion.id))
        return {row.name: row.Rule for row in pairs}


@pytest.fixture
def browser(desk: Any) -> Any:
    return desk.browser("Patricia")


def test_only_managers_come_in(desk: Any) -> None:
    agent = desk.browser("Camila")
    for path in ("/rules", "/rules/new"):
        assert agent.visit(path).status_code == 403
        assert desk.browser().visit(path).status_code == 302
    assert agent.send("/rules", **GOOD, do="save").status_code == 403
    assert 'href="/rules"' not in agent.visit("/inbox").text
    assert 'href="/rules"' in desk.browser("Lucia").visit("/inbox").text


def test_the_list_shows_the_rule_that_came_with_voc(desk: Any, browser: Any) -> None:
    desk.say("Malo", 0)
    page = plain(browser.visit("/rules"))
    for words in ("Detractors get a case", "Quien está descontento recibe respuesta"):
        if words in page:
            break
    else:
        raise AssertionError(page)
    assert 'stance == "detractor"' in page
    assert "1 match in 30 days" in page
    assert "team by topic" in page
    assert "The rule that came with voc is off" not in page


def test_a_rule_is_saved_and_acts(desk: Any, browser: Any) -> None:
    answer = browser.send("/rules", **GOOD, do="save")
    assert answer.status_code == 303
    page = browser.visit("/rules")
    assert "Saved." in page.text
    assert page.text.index("Worst") < page.text.index("came with voc")
    feedback_id = desk.say("Malo", 0)
    page = plain(browser.visit(f"/feedback/{feedback_id}"))
    assert "Rules that acted" in page
    assert "Worst version 1 : a case, priority urgent, tag worst, tag vip" in page
    assert "because score : 0" in page
    assert "priority by severity (an earlier rule had decided that)" in page
    with desk.runtime.db.reading() as session:
        case_id = session.get_one(Feedback, feedback_id).case_id
    page = browser.visit(f"/cases/{case_id}")
    assert "Worst" in plain(page)
    assert f'href="/rules/{rules(desk)["Worst"].id}"' in page.text
    agent = desk.browser("Camila").visit(f"/cases/{case_id}")
    assert "Worst" in plain(agent)
    assert 'href="/rules/' not in agent.text


@pytest.mark.parametrize("do", ["save", "try"])
def test_a_mistake_is_marked_at_its_place_and_nothing_is_lost(desk: Any, browser: Any, do: str) -> None:
    answer = browser.send("/rules", **{**GOOD, "condition": 'mixed\nand stance == "angry"'}, do=do)
    assert answer.status_code == 422
    assert "Line 2, column 15: This is never angry." in plain(answer)
    assert '<mark class="mistake">&#34;angry&#34;</mark>' in answer.text
    assert 'value="worst, VIP"' in answer.text
    assert list(rules(desk)) != ["Worst"]


def test_what_else_is_wrong_is_said_at_its_field(browser: Any) -> None:
    answer = browser.send("/rules", name=" ", condition="mixed", fate="case", do="save")
    assert answer.status_code == 422
    assert "The name is missing." in plain(answer)
    answer = browser.send("/rules", name="x", condition="mixed", do="save")
    assert "A rule does something: choose what." in plain(answer)
    answer = browser.send("/rules", name="x", condition="mixed", tags="<script>", do="save")
    assert "A tag is a short word" in plain(answer)
    assert "<script>" not in answer.text.replace("<script src", "")


def test_trying_shows_examples_and_writes_nothing(desk: Any, browser: Any) -> None:
    for number in range(7):
        desk.say(f"Malo <b>{number}</b>", number % 2 * 9, work=False)
    desk.work()
    before = len(rules(desk))
    answer = browser.send("/rules", condition="score == 0", do="try")
    assert answer.status_code == 200
    assert "It would match 4 of the newest 7" in plain(answer)
    assert answer.text.count('class="example') == 4
    assert "Malo &lt;b&gt;6&lt;/b&gt;" in answer.text
    assert "matches everything" not in answer.text
    answer = browser.send("/rules", condition="length >= 0", do="try")
    assert "This rule matches everything: all of the newest 7 feedback." in plain(answer)
    assert answer.text.count('class="example') == 5
    assert "None of them" in browser.send("/rules", condition="score == 5", do="try").text
    assert len(rules(desk)) == before


def test_a_rule_that_matches_everything_is_saved_with_a_warning(desk: Any, browser: Any) -> None:
    desk.say("Malo", 0)
    desk.say("Fine", 8)
    assert browser.send("/rules", **{**GOOD, "condition": "true"}, do="save").status_code == 303
    assert "This rule matches everything: all of the newest 2 feedback." in browser.visit("/rules").text


def test_versions_stay_and_the_second_of_two_people_is_told(desk: Any, browser: Any) -> None:
    browser.send("/rules", **GOOD, do="save")
    rule_id = rules(desk)["Worst"].id
    page = browser.visit(f"/rules/{rule_id}").text
    assert 'name="seen" value="1"' in page
    assert (
        browser.send(f"/rules/{rule_id}", **{**GOOD, "condition": "score <= 1"}, seen="1", do="save").status_code == 303
    )
    answer = browser.send(f"/rules/{rule_id}", **{**GOOD, "condition": "score == 0"}, seen="1", do="save")
    assert answer.status_code == 409
    assert "score == 0" in answer.text
    page = plain(browser.visit(f"/rules/{rule_id}"))
    assert "version 2" in page
    assert "version 1" in page
    assert "Patricia" in page


def test_rules_are_moved_and_switched(desk: Any, browser: Any) -> None:
    for name in ("One", "Two"):
        browser.send("/rules", **{**GOOD, "name": name}, do="save")
    two = rules(desk)["Two"].id
    browser.send(f"/rules/{two}/move", to="up")
    page = browser.visit("/rules").text
    assert page.index(">Two<") < page.index(">One<")
    browser.send(f"/rules/{two}/move", to="up")
    browser.send(f"/rules/{two}/switch", active="no")
    assert not rules(desk)["Two"].active
    default = next(rule for rule in rules(desk).values() if rule.shipped)
    browser.send(f"/rules/{default.id}/switch", active="no")
    assert "voc still opens a case for everybody" in browser.visit("/rules").text
    assert browser.send("/rules/01900000-0000-7000-8000-000000000000/move", to="up").status_code == 404
    assert browser.visit("/rules/01900000-0000-7000-8000-000000000000").status_code == 404


def test_running_again_shows_how_far_it_is(desk: Any, browser: Any) -> None:
    desk.say("Fine", 8)
    browser.send("/rules", **{**GOOD, "condition": "score == 8"}, do="save")
    assert browser.send("/rules/again", days="30").status_code == 303
    assert "It begins in a moment." in browser.visit("/rules").text
    desk.work()
    assert "Last time 1 were asked and 1 changed." in plain(browser.visit("/rules"))
    browser.send("/rules/again", days="nonsense")
    with desk.runtime.db.reading() as session:
        run_id = session.scalars(select(RuleRun.id).order_by(RuleRun.id.desc())).first()
    assert isinstance(run_id, UUID)
    assert browser.send(f"/rules/again/{run_id}/stop").status_code == 303
    assert "stopped" in plain(browser.visit("/rules"))


def test_no_rule_and_still_a_case_is_said(desk: Any, browser: Any) -> None:
    default = next(rule for rule in rules(desk).values() if rule.shipped)
    browser.send(f"/rules/{default.id}/switch", active="no")
    page = plain(browser.visit(f"/feedback/{desk.say('Malo', 0)}"))
    assert "No rule spoke of it. Whoever is unhappy gets a case all the same." in page


@pytest.mark.parametrize(("language", "words"), [("es", "Reglas"), ("pt", "Regras")])
def test_it_speaks_the_readers_language(desk: Any, language: str, words: str) -> None:
    from voc.core.vocabulary import RoleName

    desk.hire("Ana", RoleName.MANAGER, language=language)
    browser = desk.browser("Ana")
    assert words in browser.visit("/rules").text
    answer = browser.send("/rules", **{**GOOD, "condition": "scor < 2"}, do="save")
    assert "Perhaps" not in answer.text
    assert "score" in plain(answer)


def test_statements_of_the_list_do_not_grow(desk: Any, browser: Any) -> None:
    browser.send("/rules", **GOOD, do="save")
    browser.visit("/rules")
    before = desk.statements(lambda: browser.visit("/rules"))
    for number in range(4):
        browser.send("/rules", **{**GOOD, "name": f"Rule {number}"}, do="save")
        desk.say(f"Malo {number}", 0)
    browser.visit("/rules")
    assert desk.statements(lambda: browser.visit("/rules")) == before
