"""Topics over the API, and understanding past feedback again by them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voc.core.ids import new_id
from voc.jobs.engine import Engine
from voc.model import AnalysisRun, AuditEntry, TopicVersion

TOPICS = "/api/v1/topics"
RUNS = "/api/v1/analysis/runs"
NAMES = {"es": "Cierres", "pt": "Zíperes", "en": "Zippers"}
TOPIC = {"key": "zippers", "names": NAMES, "words": {"en": ["zipper*", " "]}, "parent_key": "product_quality"}


def put(program: Any, path: str, body: Any, **more: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    return program.ask("PUT", path, data=json.dumps(body).encode(), headers=headers, **more)


def spare(program: Any) -> None:
    engine = Engine(program.runtime, worker="spare")
    while engine.drain("flow") + engine.drain("spare"):
        pass


@pytest.mark.parametrize("scope", ["feedback:write", "feedback:read", "cases:read", "cases:write"])
def test_scopes(program: Any, scope: str) -> None:
    token = program.new_token(scope)
    for path in (TOPICS, RUNS, f"{TOPICS}/delivery/versions", f"{RUNS}/{new_id()}"):
        assert program.get(path, token=token).status_code == 403, path
    for path in (TOPICS, RUNS):
        assert program.post({}, path=path, token=token).status_code == 403, path
    for path in (f"{TOPICS}/delivery", f"{RUNS}/{new_id()}"):
        assert put(program, path, {}, token=token).status_code == 403, path


def test_a_topic_is_added_changed_and_every_version_kept(program: Any) -> None:
    added = program.post(TOPIC, path=TOPICS)
    assert added.status_code == 201
    assert (added.json["version"], added.json["words"]["en"], added.json["active"]) == (1, ["zipper*"], True)
    assert "zippers" in {item["key"] for item in program.get(TOPICS).json["items"]}
    change = {"version": 1, "names": NAMES, "words": {"en": ["slider"]}, "examples": {"en": ["It is stuck."]}}
    changed = put(program, f"{TOPICS}/zippers", change)
    assert (changed.status_code, changed.json["version"], changed.json["parent_key"]) == (200, 2, None)
    assert put(program, f"{TOPICS}/zippers", change).status_code == 409
    assert program.get(f"{TOPICS}/zippers").json == changed.json
    versions = program.get(f"{TOPICS}/zippers/versions").json["items"]
    assert [item["version"] for item in versions] == [2, 1]
    assert versions[1]["words"]["en"] == ["zipper*"]
    trail = [entry.action for entry in program.rows(AuditEntry) if entry.action.startswith("topic.")]
    assert trail.count("topic.by_token") == 2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"key": "Two Words"}, "key"),
        ({"key": "delivery"}, "key"),
        ({"key": " "}, "key"),
        ({"names": {"es": "Uno"}}, "names.pt"),
        ({"names": {**NAMES, "en": ""}}, "names.en"),
        ({"names": {**NAMES, "fr": "Un"}}, "names"),
        ({"names": "Uno"}, "names"),
        ({"words": {"en": "zipper"}}, "words"),
        ({"words": {"en": ["x" * 81]}}, "words"),
        ({"words": {"en": ["_"]}}, "words.en"),
        ({"words": {"en": ["\x00"]}}, "words"),
        ({"examples": {"en": ["x" * 501]}}, "examples"),
        ({"parent_key": "nowhere"}, "parent_key"),
        ({"active": 1}, "active"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_is_wrong_is_named(program: Any, change: dict[str, Any], place: str) -> None:
    before = len(program.rows(TopicVersion))
    answer = program.post({**TOPIC, **change}, path=TOPICS)
    assert answer.status_code == 422
    assert any(name == place or name.startswith(f"{place}.") for name in answer.json["errors"]), answer.json
    assert len(program.rows(TopicVersion)) == before


def test_what_is_not_there(program: Any) -> None:
    for path in (f"{TOPICS}/nothing", f"{TOPICS}/nothing/versions"):
        assert program.get(path).status_code == 404
    assert put(program, f"{TOPICS}/nothing", {"version": 1, "names": NAMES}).status_code == 404
    for stopped in (True, False):
        assert put(program, f"{RUNS}/{new_id()}", {"stopped": stopped}).status_code == 404
    assert program.get(f"{RUNS}/{new_id()}").status_code == 404


def test_the_past_is_understood_again(program: Any) -> None:
    program.post({"text": "The zipper broke"})
    spare(program)
    program.post(TOPIC, path=TOPICS)
    ordered = program.post({"topics_only": True}, path=RUNS)
    assert (ordered.status_code, ordered.json["state"], ordered.json["total"]) == (202, "running", None)
    path = f"{RUNS}/{ordered.json['id']}"
    for stopped, state in ((True, "stopped"), (True, "stopped"), (False, "running"), (False, "running")):
        assert put(program, path, {"stopped": stopped}).json["state"] == state
    assert put(program, path, {"stopped": 1}).status_code == 422
    assert put(program, path, {}).status_code == 422
    spare(program)
    done = program.get(path).json
    assert (done["state"], done["total"], done["seen"], done["changed"]) == ("done", 1, 1, 1)
    assert [item["id"] for item in program.get(RUNS).json["items"]] == [ordered.json["id"]]
    newer = program.post({"since": "2026-01-01T00:00:00Z"}, path=RUNS).json
    assert (newer["topics_only"], newer["state"]) == (False, "running")
    program.post({"topics_only": True}, path=RUNS)
    assert put(program, f"{RUNS}/{newer['id']}", {"stopped": False}).status_code == 409


@pytest.mark.parametrize("body", [{"since": "yesterday"}, {"since": "2026-01-01"}, {"topics_only": "no"}, {"who": 1}])
def test_a_run_that_makes_no_sense_is_refused(program: Any, body: dict[str, Any]) -> None:
    assert program.post(body, path=RUNS).status_code == 422
    assert program.rows(AnalysisRun) == []
