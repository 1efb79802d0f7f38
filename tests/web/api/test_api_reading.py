"""Reading over the API: pages by key, single things, and that no GET writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from voc.model import Channel, Feedback, Rule

FEEDBACK = "/api/v1/feedback"
CASES = "/api/v1/cases"


def fill(program: Any, work: Callable[[], None], scores: list[int]) -> list[str]:
    """Feedback with these NPS scores, worked through; their ids, oldest first."""
    customer = {"external_id": "C-1", "name": "Ana", "email": "ana@example.com"}
    ids = []
    for number, score in enumerate(scores):
        own = {**customer, "external_id": f"C-{number}"}
        answer = program.post({"metric": "nps", "score": score, "text": "Ich war im Laden", "customer": own})
        ids.append(answer.json["id"])
    work()
    return ids


def follow(program: Any, path: str | None) -> list[list[Any]]:
    """Every page from `path` on."""
    pages = []
    while path is not None:
        answer = program.get(path)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json["items"])
        path = answer.json["next"]
        assert len(pages) < 20
    return pages


def test_feedback_pages_by_key(program_on_both: Any, work: Callable[[], None]) -> None:
    ids = fill(program_on_both, work, [0, 9, 3, 10, 7])
    pages = follow(program_on_both, FEEDBACK + "?limit=2")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item["id"] for page in pages for item in page] == ids[::-1]
    detractors = follow(program_on_both, FEEDBACK + "?limit=1&stance=detractor")
    assert [item["id"] for page in detractors for item in page] == [ids[2], ids[0]]
    assert [item["score"] for page in detractors for item in page] == [3, 0]
    assert {item["stance"] for page in detractors for item in page} == {"detractor"}


def test_one_feedback(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    created = program.post({"metric": "nps", "score": 0, "text": "Malo", "unit": "Lima"})
    before = program.get(created.headers["Location"]).json
    assert before["stance"] is None
    assert (before["score"], before["text"], before["unit"]) == (0, "Malo", "Lima")
    assert before["received_at"] == created.json["received_at"]
    work()
    after = program.get(created.headers["Location"]).json
    assert after["stance"] == "detractor"
    assert after["reasons"]
    assert after["obligation_state"] == "open"
    case = program.get(f"{CASES}/{after['case_id']}").json
    assert [item["id"] for item in case["feedback"]] == [after["id"]]


def test_cases_page_by_key(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    fill(program, work, [0, 10, 1, 2])
    pages = follow(program, CASES + "?limit=2")
    assert [len(page) for page in pages] == [2, 1]
    rows = [row for page in pages for row in page]
    assert len({row["id"] for row in rows}) == 3
    assert {row["who"] for row in rows} == {"Ana"}
    for row in rows:
        case = program.get(f"{CASES}/{row['id']}").json
        assert (case["number"], case["state"], case["email"]) == (row["number"], "open", "ana@example.com")
    unassigned = follow(program, CASES + "?queue=unassigned&limit=200")
    assert len(unassigned[0]) == 3
    for queue in ("overdue", "escalated", "resolved"):
        assert follow(program, f"{CASES}?queue={queue}") == [[]]


def test_a_key_belongs_to_its_list(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    fill(program, work, [0, 1, 2])
    keys = {
        path: parse_qs(urlsplit(program.get(f"{path}limit=1").json["next"]).query)["after"][0]
        for path in (f"{FEEDBACK}?", f"{FEEDBACK}?stance=detractor&", f"{CASES}?", f"{CASES}?queue=unassigned&")
    }
    for path in keys:
        for of, key in keys.items():
            answer = program.get(f"{path}after={key}")
            assert answer.status_code == (200 if of == path else 422), (of, path)
            if of != path:
                assert answer.json["errors"] == {"after": ["is no key of this list"]}


def test_queues_follow_the_clock(program_on_both: Any, work: Callable[[], None], clock: Any) -> None:
    fill(program_on_both, work, [0])
    clock.forward(days=20)
    work()
    assert len(follow(program_on_both, CASES + "?queue=overdue")[0]) == 1
    assert len(follow(program_on_both, CASES + "?queue=escalated")[0]) <= 1


def test_a_next_page_keeps_what_was_asked_for(program: Any) -> None:
    for _ in range(3):
        program.post({"metric": "nps", "score": 9})
    first = program.get(FEEDBACK + "?limit=1").json
    assert first["next"].startswith(FEEDBACK + "?")
    assert "limit=1" in first["next"]
    assert program.get(FEEDBACK).json["next"] is None


@pytest.mark.parametrize("limit", [1, 200])
def test_limits(program: Any, limit: int) -> None:
    assert program.get(f"{FEEDBACK}?limit={limit}").status_code == 200
    assert program.get(FEEDBACK + "?limit=201").status_code == 422


def test_no_get_writes(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    ids = fill(program, work, [0, 9])
    case_id = program.get(FEEDBACK + "/" + ids[0]).json["case_id"]
    run_id = program.post({"topics_only": True}, path="/api/v1/analysis/runs").json["id"]
    before = program.everything()
    rules = list(program.app.extensions["voc_api"].url_map.iter_rules())
    assert len(rules) > 8
    places = {
        "<uuid:feedback_id>": ids[0],
        "<uuid:case_id>": case_id,
        "<uuid:customer_id>": program.get(f"{CASES}/{case_id}").json["customer_id"],
        "<uuid:channel_id>": str(program.rows(Channel)[0].id),
        "<uuid:rule_id>": str(program.rows(Rule)[0].id),
        "<key>": "delivery",
        "<uuid:run_id>": run_id,
        "<name>": "docs.js",
    }
    taken: dict[str, set[str]] = {}
    for rule in rules:
        taken.setdefault(str(rule), set()).update(rule.methods)
    # A vendor's address is asked in test_get_never_writes: without its key there is nothing.
    for rule in (rule for rule in rules if not str(rule).startswith("/in/")):
        path = str(rule) + ("?external_id=C-0" if str(rule) == "/api/v1/customers" else "")
        for name, value in places.items():
            path = path.replace(name, value)
        for method in ("GET", "HEAD", "OPTIONS"):
            if method in taken[str(rule)]:
                assert program.ask(method, path).status_code == 200, (method, path)
    assert program.everything() == before
    assert len(program.rows(Feedback)) == 2


def test_a_head_has_no_body(program: Any) -> None:
    answer = program.ask("HEAD", FEEDBACK)
    assert (answer.status_code, answer.data) == (200, b"")
