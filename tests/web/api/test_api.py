"""Taking in feedback over the API: what is accepted, what is refused and how, and what happens once only."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voc.api.bearer import LIFETIME, Callers
from voc.core.vocabulary import Door, Metric, ReceiptState, Scope
from voc.model import ApiToken, Channel, DeliveryKey, Feedback, Receipt, Work
from voc.security import tokens

URL = "/api/v1/feedback"


class Unreadable(io.RawIOBase):
    """A body that nobody may read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body was read")


def test_accepted_means_stored(program_on_both: Any) -> None:
    program = program_on_both
    body = {
        "text": "Llegó roto",
        "metric": "nps",
        "score": 0,
        "customer": {"external_id": "C-1", "name": "Ana"},
        "facts": {"order": "A-1", "items": 2, "rate": 0.5, "gift": None},
    }
    answer = program.post(body, key="order-1")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{URL}/{answer.json['id']}"
    feedback = program.rows(Feedback)[0]
    assert feedback.id == UUID(answer.json["id"])
    assert feedback.received_at.isoformat() == answer.json["received_at"]
    assert (feedback.text, feedback.metric, feedback.score) == ("Llegó roto", Metric.NPS, 0)
    assert feedback.author["verified"] is True
    assert feedback.facts == body["facts"]
    receipt = program.rows(Receipt)[0]
    assert (receipt.door, receipt.state) == (Door.API, ReceiptState.READ)
    assert json.loads(receipt.body) == body
    assert receipt.tracking_code == answer.json["tracking_code"]
    assert len(program.rows(DeliveryKey)) == 1
    assert [work.subject_id for work in program.rows(Work) if work.subject_id == feedback.id]
    assert program.wakes == [1]


def test_a_repeat_is_the_same_feedback(program_on_both: Any) -> None:
    program = program_on_both
    first = program.post({"text": "Malo"}, key="k")
    again = program.post({"text": "Malo"}, key="k")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert first.headers["Location"] == again.headers["Location"]
    assert program.wakes == [1]
    other = program.post({"text": "Peor"}, key="k")
    assert other.status_code == 422
    assert other.json["code"] == "idempotency_mismatch"
    assert set(other.json["errors"]) == {"Idempotency-Key"}
    assert len(program.rows(Feedback)) == 1


def test_without_a_key_every_request_is_new(program: Any) -> None:
    ids = {program.post({"text": "Malo"}).json["id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_key_belongs_to_its_token(program: Any) -> None:
    other = program.new_token("feedback:write")
    mine = program.post({"text": "Malo"}, key="k")
    theirs = program.post({"text": "Otro"}, key="k", token=other)
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json["id"] != theirs.json["id"]


def test_one_of_many_wins_a_race(program_on_both: Any) -> None:
    program = program_on_both
    start = Barrier(8)

    def send(_: int) -> Any:
        start.wait(10)
        return program.post({"text": "Malo"}, key="race")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(program.rows(Feedback)) == 1


def test_a_race_with_other_bodies_accepts_one(program_on_both: Any) -> None:
    program = program_on_both
    start = Barrier(8)

    def send(number: int) -> Any:
        start.wait(10)
        return program.post({"text": f"Malo {number}"}, key="race")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert len(program.rows(Feedback)) == len(program.rows(Receipt)) == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "clé", "a\tb"])
def test_keys_that_are_refused(program: Any, key: str) -> None:
    answer = program.post({"text": 1}, key=key)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"Idempotency-Key", "text"}


def test_a_key_may_be_any_printable_text(program: Any) -> None:
    assert program.post({"text": "a"}, key="x" * 200).status_code == 201
    assert program.post({"text": "a"}, key='a b!"#~').status_code == 201


def test_the_channel_is_the_tokens_own(program: Any) -> None:
    slug = next(channel.slug for channel in program.rows(Channel) if channel.kind == "api")
    assert program.post({"text": "a", "channel": slug}).status_code == 201
    answer = program.post({"text": "a", "channel": "feedback"})
    assert set(answer.json["errors"]) == {"channel"}


def test_one_shape_for_every_failure(program: Any) -> None:
    """Many different failures; `program` checks the shape and the document, here only status and code."""
    reader = program.new_token("feedback:read", "cases:read")
    writer = program.new_token("feedback:write")
    nobody = "/api/v1/feedback/00000000-0000-7000-8000-000000000000"
    cases: list[tuple[int, str, str, str, dict[str, Any]]] = [
        (401, "token_missing", "POST", URL, {"headers": {"Authorization": ""}}),
        (401, "token_missing", "GET", URL, {"headers": {"Authorization": "Basic YTpi"}}),
        (401, "token_invalid", "GET", URL, {"token": "voc_nobody"}),
        (401, "token_invalid", "GET", URL, {"token": "x" * 5000}),
        (401, "token_invalid", "GET", "/api/v1/cases", {"token": "ñ"}),
        (403, "scope_missing", "POST", URL, {"token": reader, "json": {"text": "a"}}),
        (403, "scope_missing", "GET", URL, {"token": writer}),
        (403, "scope_missing", "GET", "/api/v1/cases", {"token": writer}),
        (404, "not_found", "GET", nobody, {}),
        (404, "not_found", "GET", nobody.replace("feedback", "cases"), {}),
        (404, "not_found", "GET", URL + "/7", {}),
        (404, "not_found", "GET", URL + "/%00%ff", {}),
        (404, "not_found", "GET", "/api", {}),
        (404, "not_found", "GET", "/api/", {}),
        (404, "not_found", "POST", "/api/v2/feedback", {"json": {}}),
        (404, "not_found", "POST", "/api//v1/feedback", {"json": {}}),
        (404, "not_found", "GET", "/api/docs/../../etc/passwd", {}),
        (405, "method_not_allowed", "DELETE", URL, {}),
        (405, "method_not_allowed", "PUT", "/api/v1/cases", {}),
        (405, "method_not_allowed", "POST", "/healthz", {}),
        (415, "unsupported_media_type", "POST", URL, {"data": "{}"}),
        (415, "unsupported_media_type", "POST", URL, {"data": "{}", "content_type": "text/json"}),
        (415, "unsupported_media_type", "POST", URL, {"data": {"text": "a"}}),
        (415, "unsupported_media_type", "POST", URL, {"data": "{}", "content_type": "application/jsonx"}),
        (415, "unsupported_media_type", "POST", URL, {"json": {}, "headers": {"Content-Encoding": "gzip"}}),
        (400, "empty_body", "POST", URL, {"data": b"", "content_type": "application/json"}),
        (400, "bad_json", "POST", URL, {"data": b"[" * 100_000, "content_type": "application/json"}),
        (400, "bad_json", "POST", URL, {"data": b'{"score": NaN}', "content_type": "application/json"}),
        (400, "bad_json", "POST", URL, {"data": b"9" * 5000, "content_type": "application/json"}),
        (400, "bad_json", "POST", URL, {"data": b"\xff", "content_type": "application/json"}),
        (422, "invalid", "POST", URL, {"json": {}}),
        (422, "invalid", "POST", URL, {"json": []}),
        (422, "invalid", "POST", URL, {"json": {"text": "\u200b\u2060 \ufeff"}}),
        (422, "invalid", "POST", URL, {"json": {"text": "a\x00b"}}),
        (422, "invalid", "POST", URL, {"data": b'{"text": "\\ud800"}', "content_type": "application/json"}),
        (422, "invalid", "POST", URL, {"data": b'{"\\ud800": 1}', "content_type": "application/json"}),
        (422, "invalid", "POST", URL, {"json": {"metric": "nps", "score": 10**30}}),
        (422, "invalid", "POST", URL, {"json": {f"f{n}": 0 for n in range(20_000)}}),
        (422, "invalid", "GET", URL + "?after=nonsense", {}),
        (422, "invalid", "GET", URL + "?after=%00", {}),
        (422, "invalid", "GET", URL + "?limit=0&stance=angry&page=2", {}),
        (422, "invalid", "GET", URL + "?limit=" + "9" * 5000, {}),
        (422, "invalid", "GET", URL + "?limit=1&limit=2", {}),
        (422, "invalid", "GET", "/api/v1/cases?queue=mine", {}),
        (422, "invalid", "GET", "/api/v1/cases?after=ñ", {}),
    ]
    for status, code, method, path, more in cases:
        answer = program.ask(method, path, **more)
        assert (answer.status_code, answer.json["code"]) == (status, code), (method, path[:80], answer.text[:300])
    assert program.rows(Feedback) == []


def test_a_failure_of_ours_says_nothing_and_is_logged(program: Any, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Any:
        raise RuntimeError("the secret of the house")

    program.runtime.clock = broken
    answer = program.post({"text": "a"})
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert "the secret of the house" in caplog.text


def test_busy_is_said_and_nothing_is_stored(program: Any) -> None:
    program.runtime.writer.close()
    answer = program.post({"text": "a"})
    assert (answer.status_code, answer.json["code"]) == (503, "busy")
    assert program.rows(Receipt) == []


def test_media_types(program: Any) -> None:
    for declared in ("application/json; charset=utf-8", "Application/JSON", "application/vnd.shop.v1+json"):
        assert program.post({"text": "a"}, headers={"Content-Type": declared}).status_code == 201


def test_large_bodies(program: Any) -> None:
    limit = program.runtime.settings.body_limit
    declared = {"CONTENT_LENGTH": str(50 * 1024 * 1024), "wsgi.input": Unreadable()}
    assert program.post(b"", environ_overrides=declared).status_code == 413
    longest = json.dumps({"text": "a"}).encode().ljust(limit)
    assert program.post(longest).status_code == 201
    assert program.post(longest + b" ").status_code == 413


@pytest.mark.parametrize(("more", "status"), [(-1, 201), (0, 413), (1, 413), (1_000_000, 413)])
def test_chunked_bodies_are_never_cut(program: Any, more: int, status: int) -> None:
    data = json.dumps({"text": "a"}).encode().ljust(program.runtime.settings.body_limit + more)
    chunked = {"wsgi.input": io.BytesIO(data), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    assert program.post(b"", environ_overrides=chunked).status_code == status


def test_a_body_that_ends_early(program: Any) -> None:
    cut = {"CONTENT_LENGTH": "100", "wsgi.input": io.BytesIO(b'{"text": "a"}')}
    answer = program.post(b"", environ_overrides=cut)
    assert (answer.status_code, answer.json["code"]) == (400, "body_cut")


def test_a_body_that_comes_in_pieces(program: Any) -> None:
    class Pieces(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 3))

    data = json.dumps({"text": "poco a poco"}).encode()
    pieces = {"CONTENT_LENGTH": str(len(data)), "wsgi.input": Pieces(data)}
    assert program.post(b"", environ_overrides=pieces).status_code == 201


def test_a_revoked_token_dies_within_seconds(program: Any) -> None:
    moment = [0.0]
    callers = Callers(program.runtime.db, monotonic=lambda: moment[0])
    token = program.new_token("feedback:write")
    caller = callers.find(token)
    assert caller is not None
    assert caller.token.may(Scope.FEEDBACK_WRITE)
    row = next(row for row in program.rows(ApiToken) if row.id == caller.token.id)
    with program.runtime.db.writing() as session:
        tokens.revoke(session, row.id, now=program.runtime.clock())
    moment[0] = LIFETIME - 0.1
    assert callers.find(token) is caller
    moment[0] = LIFETIME
    assert callers.find(token) is None
    assert callers.find("voc_unknown") is None


def test_a_channel_that_is_switched_off_takes_nothing(program: Any) -> None:
    token = program.new_token("feedback:write")
    with program.runtime.db.writing() as session:
        found = tokens.find(session, token)
        assert found is not None
        channel = session.get(Channel, found.channel_id)
        assert channel is not None
        channel.active = False
    answer = program.post({"text": "a"}, token=token)
    assert (answer.status_code, answer.json["code"]) == (403, "channel_inactive")


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(
    ["text", "metric", "score", "customer", "sent_at", "facts", "unit", "language", "consent", "x"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(_names, _values, max_size=5).map(lambda body: json.dumps(body).encode()) | st.binary(max_size=40)
)
def test_no_body_is_our_fault(program: Any, data: bytes) -> None:
    assert program.post(data).status_code in (201, 400, 422)
