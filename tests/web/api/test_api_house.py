"""Channels, customers and rules over the API: what is shown, to whom, what is refused, and that no secret gets out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.doors.postbox import Box, drop
from tests.web.api.conftest import program_over
from voc.core.ids import new_id
from voc.core.vocabulary import IdentityKind, RoleName
from voc.customers.identities import attach
from voc.intake.channels import add_channel
from voc.model import AuditEntry, Channel, Customer, Feedback, FeedbackTag, RuleVersion
from voc.runtime.instance import open_instance
from voc.security import users
from voc.security.queries import actor_of

CHANNELS = "/api/v1/channels"
CUSTOMERS = "/api/v1/customers"
RULES = "/api/v1/rules"
SECRET = "open-sesame-7731"
RULE = {"name": "Fraud", "condition": '"fraud" in risks', "actions": {"open_case": True, "start_clock": True}}


def put(program: Any, path: str, body: Any) -> Any:
    """Change a rule."""
    headers = {"Content-Type": "application/json"}
    return program.ask("PUT", path, data=json.dumps(body).encode(), headers=headers)


@pytest.mark.parametrize("scope", ["feedback:write", "feedback:read", "cases:read", "cases:write"])
def test_scopes(program: Any, scope: str) -> None:
    token = program.new_token(scope)
    for path in (CHANNELS, f"{CHANNELS}/{new_id()}", RULES, f"{RULES}/{new_id()}"):
        assert program.get(path, token=token).status_code == 403, path
    assert program.post(RULE, path=RULES, token=token).status_code == 403
    allowed = scope == "cases:read"
    assert program.get(f"{CUSTOMERS}?email=a@b.example", token=token).status_code == (200 if allowed else 403)
    assert program.get(f"{CUSTOMERS}/{new_id()}", token=token).status_code == (404 if allowed else 403)


def test_channels_and_no_secret(program: Any) -> None:
    listed = program.get(CHANNELS).json
    assert listed["next"] is None
    form = next(item for item in listed["items"] if item["slug"] == "feedback")
    assert (form["kind"], form["health"], form["loaded"], form["late"]) == ("webform", "ok", True, False)
    token = next(item for item in listed["items"] if item["kind"] == "api")
    assert (token["loaded"], token["arrived_at"], token["quarantined"]) == (True, None, 0)
    one = program.get(f"{CHANNELS}/{form['id']}")
    assert set(one.json) == {*form, "options"}
    text = program.get(CHANNELS).text + one.text
    for channel in program.rows(Channel):
        assert channel.key not in text
    assert program.get(f"{CHANNELS}/{new_id()}").json["detail"] == "There is no such channel."


def test_options_without_secrets(sqlite_settings: Any, clock: Any, tmp_path: Path) -> None:
    """Also one that a later version of the plugin declares secret."""
    drop(sqlite_settings.instance)
    runtime = open_instance(sqlite_settings, create=False, clock=clock)
    folder = str(Box(tmp_path / "box").folder)
    with runtime.db.writing() as session:
        channel = add_channel(
            session, runtime.host, kind="postbox", name="Post", slug="post", now=clock(), keys=runtime.keys,
            options={"folder": folder, "password": SECRET},
        )  # fmt: skip
        channel.options = {**channel.options, "password": "once in the open"}
        channel_id = channel.id
    program = program_over(runtime)
    answer = program.get(f"{CHANNELS}/{channel_id}")
    assert answer.json["options"] == {"folder": folder, "poll_seconds": 60}
    assert SECRET not in answer.text
    assert "in the open" not in answer.text
    clock.forward(hours=1)
    assert program.get(f"{CHANNELS}/{channel_id}").json["late"]
    runtime.close()


def test_finding_a_customer(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    for number in (1, 2):
        customer = {"external_id": f"C-{number}", "name": "Ana", "email": "ana@example.com"}
        program.post({"metric": "nps", "score": 0, "text": "Malo", "customer": customer})
    work()
    (found,) = program.get(f"{CUSTOMERS}?external_id=C-1").json["items"]
    assert (found["name"], [item["value"] for item in found["identities"]]) == ("Ana", ["C-1"])
    assert program.get(f"/api/v1/cases/{found['open_case']['id']}").json["customer_id"] == found["id"]
    assert program.get(f"{CUSTOMERS}/{found['id']}").json == found
    # The address was only typed: it is nobody's.
    assert program.get(f"{CUSTOMERS}?email=ana@example.com").json == {"items": [], "next": None}
    for query in ("external_id=c-1", "external_id=C-9", "external_id=C-1&email=ana@example.com", "phone=no number"):
        assert program.get(f"{CUSTOMERS}?{query}").json["items"] == [], query


def test_several_identities_are_one_persons(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    runtime = program.runtime
    for number in (1, 2):
        program.post({"text": "Malo", "customer": {"external_id": f"C-{number}"}})
    work()
    ana, eva = program.rows(Customer)
    with runtime.db.writing() as session:
        boss = users.add(
            session, email="l@aurora.example", name="Lucia", role=RoleName.ADMIN, language="es", now=runtime.clock()
        )
        for customer, mail in ((ana, "Ana@EXAMPLE.com"), (eva, "eva@example.com")):
            attach(
                session, runtime.keys, customer.id, actor=actor_of(session, boss.id), kind=IdentityKind.EMAIL,
                value=mail, version=1, now=runtime.clock(),
            )  # fmt: skip
    (found,) = program.get(f"{CUSTOMERS}?email=Ana@example.COM").json["items"]
    assert found["id"] == str(ana.id)
    assert [(item["kind"], item["verified_by"]) for item in found["identities"]] == [
        ("external_id", None), ("email", "Lucia")
    ]  # fmt: skip
    both = program.get(f"{CUSTOMERS}?email=Ana@example.com&external_id=C-1").json["items"]
    assert [item["id"] for item in both] == [str(ana.id)]
    assert program.get(f"{CUSTOMERS}?email=eva@example.com&external_id=C-1").json["items"] == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"external_id"}), ("email=", {"external_id"}), ("name=Ana", {"name"}),
        ("email=a@b.example&email=c@d.example", {"email"}), ("external_id=" + "x" * 321, {"external_id"}),
        ("phone=%00", {"phone"}),
    ],
)  # fmt: skip
def test_nobody_is_listed(program: Any, query: str, names: set[str]) -> None:
    answer = program.get(f"{CUSTOMERS}?{query}")
    assert (answer.status_code, set(answer.json["errors"])) == (422, names)


def test_a_rule_is_added_and_works(program_on_both: Any, work: Callable[[], None]) -> None:
    program = program_on_both
    before = program.get(RULES).json["items"]
    created = program.post({**RULE, "condition": ' "vip" in text \n', "actions": {"tags": ["VIP"]}}, path=RULES)
    assert created.status_code == 201
    assert {**program.get(created.headers["Location"]).json, "warnings": []} == created.json
    assert {key: created.json[key] for key in ("condition", "actions", "version", "active", "stops")} == {
        "condition": '"vip" in text', "actions": {"tags": ["vip"]}, "version": 1, "active": True, "stops": False,
    }  # fmt: skip
    listed = program.get(RULES).json["items"]
    assert [item["id"] for item in listed] == [created.json["id"], *(item["id"] for item in before)]
    program.post({"text": "soy vip"})
    work()
    assert len(program.rows(Feedback)) == 1
    assert [item.tag for item in program.rows(FeedbackTag)] == ["vip"]
    rule_id = program.rows(RuleVersion)[-1].rule_id
    actions = [entry.action for entry in program.rows(AuditEntry) if entry.subject_id == rule_id]
    assert actions == ["rule.saved", "rule.by_token"]


def test_a_rule_that_matches_everything_is_saved_and_named_with_the_count(
    program_on_both: Any, work: Callable[[], None]
) -> None:
    program = program_on_both
    for number in range(3):
        program.post({"text": f"llegó tarde {number}"})
    work()
    created = program.post({**RULE, "condition": "true"}, path=RULES)
    assert created.status_code == 201
    assert created.json["warnings"] == ["This rule matches everything: all of the newest 3 feedback."]
    changed = put(program, created.headers["Location"], {**RULE, "condition": '"tarde 1" in text', "version": 1})
    assert (changed.status_code, changed.json["warnings"]) == (200, [])


def test_the_next_version_and_who_was_faster(program_on_both: Any) -> None:
    program = program_on_both
    path = program.post(RULE, path=RULES).headers["Location"]
    changed = put(program, path, {**RULE, "name": "Fraude", "stops": True, "active": False, "version": 1})
    assert changed.status_code == 200
    assert (changed.json["version"], changed.json["name"], changed.json["active"]) == (2, "Fraude", False)
    late = put(program, path, {**RULE, "version": 1})
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    same = put(program, path, {**RULE, "name": "Fraude", "stops": True, "version": 2})
    assert (same.status_code, same.json["version"], same.json["active"]) == (200, 2, False)
    on = put(program, path, {**RULE, "name": "Fraude", "stops": True, "active": True, "version": 2})
    assert (on.json["version"], on.json["active"]) == (2, True)
    gone = put(program, f"{RULES}/{new_id()}", {**RULE, "version": 1})
    assert (gone.status_code, gone.json["detail"]) == (404, "There is no such rule.")


def test_a_rule_that_is_added_switched_off(program: Any) -> None:
    created = program.post({**RULE, "active": False}, path=RULES)
    assert (created.status_code, created.json["active"]) == (201, False)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"name": " "}, {"name"}),
        ({"name": None, "condition": None}, {"name"}),
        ({"name": "x" * 121}, {"name"}),
        ({"name": 5}, {"name"}),
        ({"condition": "score >"}, {"condition"}),
        ({"condition": "9**9**9 > 1"}, {"condition"}),
        ({"condition": "x" * 2001}, {"condition"}),
        ({"actions": {}}, {"actions"}),
        ({"actions": {"fly": True}}, {"actions"}),
        ({"actions": {"open_case": 1}}, {"actions.open_case"}),
        ({"actions": {"tags": "a, b"}}, {"actions.tags"}),
        ({"actions": {"team": [1]}}, {"actions.team"}),
        ({"actions": {"team": str(new_id())}}, {"actions.team"}),
        ({"actions": {"open_case": True, "priority": {"a": 1}}}, {"actions.priority"}),
        ({"actions": []}, {"actions"}),
        ({"stops": "yes"}, {"stops"}),
        ({"version": 1}, {"version"}),
        ({"color": "red"}, {"color"}),
    ],
)
def test_what_is_wrong_with_a_rule(program: Any, change: dict[str, Any], names: set[str]) -> None:
    before = len(program.rows(RuleVersion))
    answer = program.post({**RULE, **change}, path=RULES)
    assert (answer.status_code, set(answer.json["errors"])) == (422, names), answer.text
    assert len(program.rows(RuleVersion)) == before


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"{", 400), (b"[]", 422), (b'"x"', 422), (b"null", 422)])
def test_what_is_no_rule_at_all(program: Any, body: bytes, status: int) -> None:
    assert program.post(body, path=RULES).status_code == status
    answer = program.ask("POST", RULES, data=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


def test_a_change_names_its_version(program: Any) -> None:
    path = program.post(RULE, path=RULES).headers["Location"]
    for version in (None, 0, "1", True):
        body = RULE if version is None else {**RULE, "version": version}
        answer = put(program, path, body)
        assert (answer.status_code, set(answer.json["errors"])) == (422, {"version"}), version
