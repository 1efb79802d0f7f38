"""Webhooks to other people's programs: signed, logged, tried again, never twice under two names, never private."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.conftest import SetClock, worker_of
from tests.doors.receiver import Receiver, receiver
from voc.core.errors import Conflict, Forbidden, Invalid, NotFound
from voc.core.ids import new_id
from voc.core.settings import Settings
from voc.core.vocabulary import HookEvent, HookState, RoleName
from voc.delivery.hooks import endpoints, queries, upkeep
from voc.delivery.hooks.posting import post, reason_of
from voc.delivery.hooks.signing import body_of, message_id, new_secret, signed
from voc.delivery.hooks.telling import tell
from voc.model import AuditEntry, WebhookDelivery, WebhookEndpoint
from voc.net.addresses import AddressGuard
from voc.runtime import Runtime
from voc.runtime.instance import open_instance
from voc.security.access import SYSTEM, Actor

EVENT = HookEvent.CASE_OPENED
LOOPBACK = "127.0.0.1/32"
ALLOWED = AddressGuard.of(LOOPBACK)
PUBLIC = AddressGuard()


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def house(settings: Settings, clock: SetClock) -> Iterator[Runtime]:
    """A house on both databases that may talk to loopback."""
    wanted = replace(settings, private_addresses=LOOPBACK, base_url="https://voc.example")
    found = open_instance(wanted, create=False, clock=clock)
    yield found
    found.close()


def add(house: Runtime, url: str, events: tuple[str, ...] = ("case.opened",)) -> tuple[UUID, str]:
    with house.db.writing() as session:
        endpoint, secret = endpoints.add(
            session, house.keys, name="CRM", url=url, events=events, guard=ALLOWED, actor=SYSTEM, now=house.clock()
        )
        return endpoint.id, secret


def happen(house: Runtime, count: int = 1) -> list[UUID]:
    """So many cases are opened."""
    keys = [new_id() for _ in range(count)]
    with house.db.writing() as session:
        tell(session, EVENT, [(key, f"/cases/{key}") for key in keys], now=house.clock())
    worker_of(house)()
    return keys


def log(house: Runtime) -> list[WebhookDelivery]:
    with house.db.reading() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def endpoint_of(house: Runtime, key: UUID) -> WebhookEndpoint:
    with house.db.reading() as session:
        found = queries.endpoint(session, key)
        assert found is not None
        return found


def later(house: Runtime, **amount: float) -> None:
    house.clock.forward(**amount)  # type: ignore[attr-defined]
    worker_of(house)()


def test_an_event_arrives_signed(house: Runtime, there: Receiver) -> None:
    _, secret = add(house, there.url)
    (key,) = happen(house)
    (found,) = there.posts
    (row,) = log(house)
    data = json.loads(found.body)
    assert data["type"] == "case.opened"
    assert data["data"] == {"id": str(key), "link": f"https://voc.example/cases/{key}"}
    assert found.headers["content-type"] == "application/json"
    assert found.headers["webhook-id"] == message_id(row.id)
    assert (row.state, row.attempts, row.status, row.error) == (HookState.DELIVERED, 1, 204, None)
    expected = signed(secret, found.headers["webhook-id"], house.clock(), found.body)
    assert expected["webhook-signature"] == found.headers["webhook-signature"]


def test_our_signature_is_that_of_the_specification(clock: SetClock) -> None:
    library = pytest.importorskip("standardwebhooks")
    secret, at = new_secret(), clock()
    body = body_of(EVENT, new_id(), at, "https://voc.example/cases/1")
    headers = signed(secret, "msg_1", at, body)
    assert library.Webhook(secret).sign("msg_1", at, body.decode()) == headers["webhook-signature"]


def test_the_check_on_the_page_is_right(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    space: dict[str, Any] = {}
    exec(compile(code, "webhooks.md", "exec"), space)
    genuine, secret, at = space["genuine"], new_secret(), clock()
    monkeypatch.setattr("time.time", lambda: at.timestamp())
    headers = signed(secret, "msg_1", at, b"{}")
    assert genuine(secret, headers, b"{}")
    assert not genuine(secret, headers, b"{ }")
    assert not genuine(new_secret(), headers, b"{}")
    assert not genuine(secret, signed(secret, "msg_1", at - timedelta(minutes=6), b"{}"), b"{}")
    for event in HookEvent:
        assert f"`{event.value}`" in page


def test_only_those_who_listen_hear(house: Runtime, there: Receiver) -> None:
    add(house, there.url, ("case.resolved", "feedback.stored"))
    happen(house)
    assert there.posts == []
    assert log(house) == []


def test_it_is_tried_again_under_the_same_id(house: Runtime, there: Receiver) -> None:
    key, _ = add(house, there.url)
    there.answers = [500, 302]
    happen(house)
    (row,) = log(house)
    assert (row.state, row.attempts, row.status, row.error) == (HookState.WAITING, 1, 500, "it answered 500")
    assert endpoint_of(house, key).failures == 1
    later(house, seconds=6)
    assert log(house)[0].error == "it answered 302"
    later(house, seconds=11)
    (row,) = log(house)
    assert (row.state, row.attempts, row.status) == (HookState.DELIVERED, 3, 204)
    assert len({found.headers["webhook-id"] for found in there.posts}) == 1
    assert len({found.headers["webhook-signature"] for found in there.posts}) == 3
    assert len({found.body for found in there.posts}) == 1
    assert (endpoint_of(house, key).failures, endpoint_of(house, key).paused_until) == (0, None)


def test_a_dead_endpoint_is_left_alone_as_a_whole(house: Runtime, there: Receiver) -> None:
    add(house, there.url)
    there.usual = 503
    happen(house, 20)
    assert len(there.posts) == 1
    assert [row.attempts for row in log(house)].count(1) == 1
    there.usual = 200
    later(house, seconds=6)
    later(house, seconds=6)
    assert {row.state for row in log(house)} == {HookState.DELIVERED}
    assert len(there.posts) == 21


def test_it_is_given_up_after_a_day_and_a_half(house: Runtime, there: Receiver) -> None:
    add(house, there.url)
    there.usual = 500
    begun = house.clock()
    happen(house)
    for _ in range(40):
        later(house, hours=6, seconds=1)
    (row,) = log(house)
    assert (row.state, row.attempts, row.error) == (HookState.FAILED, 18, "it answered 500")
    assert row.tried_at is not None
    assert row.tried_at - begun > timedelta(days=1)
    assert len(there.posts) == 18


def test_replay_sends_the_same_again(house: Runtime, there: Receiver) -> None:
    add(house, there.url)
    happen(house)
    (row,) = log(house)
    with house.db.writing() as session:
        endpoints.replay(session, row.id, actor=SYSTEM, now=house.clock())
    with pytest.raises(Conflict), house.db.writing() as session:
        endpoints.replay(session, row.id, actor=SYSTEM, now=house.clock())
    later(house, seconds=1)
    first, second = there.posts
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert [row.state for row in log(house)] == [HookState.DELIVERED]


def test_who_says_gone_is_switched_off(house: Runtime, there: Receiver) -> None:
    key, _ = add(house, there.url)
    there.answers = [410]
    happen(house, 3)
    endpoint = endpoint_of(house, key)
    assert (endpoint.active, bool(endpoint.off_reason)) == (False, True)
    later(house, hours=1)
    assert {row.state for row in log(house)} == {HookState.FAILED}
    assert len(there.posts) == 1
    happen(house)
    assert len(log(house)) == 3


def test_a_test_can_be_sent(house: Runtime, there: Receiver) -> None:
    key, _ = add(house, there.url)
    with house.db.writing() as session:
        endpoints.send_test(session, key, actor=SYSTEM, now=house.clock())
    worker_of(house)()
    assert json.loads(there.posts[0].body)["type"] == "webhook.test"


def test_private_addresses_are_not_talked_to(there: Receiver) -> None:
    status, reason = post(there.url, b"{}", {}, private="")
    assert status is None
    assert reason is not None
    assert "private address" in reason
    assert there.posts == []
    assert post(there.url, b"{}", {}, private=LOOPBACK) == (204, None)


def test_why_nobody_answered_is_said_in_few_words() -> None:
    status, reason = post("http://127.0.0.1:9/x", b"{}", {}, private=LOOPBACK)
    assert status is None
    assert reason is not None
    assert "refused" in reason
    assert "Pool" not in reason
    assert reason_of(ValueError()) == "ValueError"
    for url in ("http://[::1", "http://", "https://exa mple/", "http://\u2024/"):
        assert post(url, b"{}", {}, private=LOOPBACK)[0] is None


def test_a_new_secret_ends_the_old_one(house: Runtime, there: Receiver) -> None:
    key, old = add(house, there.url)
    with house.db.writing() as session:
        new = endpoints.renew_secret(session, house.keys, key, actor=SYSTEM, now=house.clock())
    happen(house)
    (found,) = there.posts
    at = house.clock()
    assert (
        signed(new, found.headers["webhook-id"], at, found.body)["webhook-signature"]
        == (found.headers["webhook-signature"])
    )
    assert old != new
    assert old.encode() not in endpoint_of(house, key).secret


def test_what_was_removed_is_not_sent(house: Runtime, there: Receiver) -> None:
    key, _ = add(house, there.url)
    there.usual = 500
    happen(house)
    with house.db.writing() as session:
        endpoints.remove(session, key, actor=SYSTEM, now=house.clock())
    later(house, hours=1)
    assert log(house) == []
    assert len(there.posts) == 1
    with pytest.raises(NotFound), house.db.writing() as session:
        endpoints.remove(session, key, actor=SYSTEM, now=house.clock())


def test_a_switched_off_endpoint_hears_nothing(house: Runtime, there: Receiver) -> None:
    key, _ = add(house, there.url)
    there.answers = [500]
    happen(house)
    with house.db.writing() as session:
        endpoints.change(
            session, key, name="CRM", url=there.url, events=["case.opened"], active=False, guard=ALLOWED,
            actor=SYSTEM, now=house.clock(),
        )  # fmt: skip
        with pytest.raises(Conflict):
            endpoints.send_test(session, key, actor=SYSTEM, now=house.clock())
    happen(house)
    later(house, hours=1)
    (row,) = log(house)
    assert (row.state, row.error) == (HookState.FAILED, "The webhook is switched off.")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"), ({"url": "example.com"}, "url"), ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://ana:secret@example.com"}, "url"), ({"url": "https://example.com/ a"}, "url"),
        ({"url": "https://example.com:99999"}, "url"), ({"url": "https://"}, "url"), ({"url": "http://[::1"}, "url"),
        ({"url": "https://example.com/" + "x" * 2000}, "url"), ({"events": []}, "events"),
        ({"events": ["webhook.test", "other"]}, "events"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(**changes)
    assert list(caught.value.fields) == [field]


def check(guard: AddressGuard = PUBLIC, **changes: Any) -> None:
    given = {"name": "CRM", "url": "https://example.com/hooks", "events": ["case.opened"], **changes}
    endpoints.checked(**given, guard=guard)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/in", "http://10.1.2.3/", "https://192.168.0.9/", "http://[::1]/", "http://localhost:99/",
        "http://LOCALHOST./", "http://app.localhost/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
        "http://[::ffff:127.0.0.1]/", "http://169.254.1.1/", "http://0.0.0.0/",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_on_saving(url: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(url=url)
    (said,) = caught.value.fields["url"]
    assert "VOC_PRIVATE_ADDRESSES" in said
    check(AddressGuard.of("127.0.0.0/8,10.0.0.0/8,192.168.0.0/16,::1/128,169.254.0.0/16,0.0.0.0/32"), url=url)
    # Public addresses and names are not looked up here.
    for fine in ("http://8.8.8.8/", "https://10.example.com/", "https://localhost.example.com/"):
        check(url=fine)


def test_only_administrators(sqlite_runtime: Runtime) -> None:
    manager = Actor(new_id(), RoleName.MANAGER, frozenset(), "Patricia")
    with pytest.raises(Forbidden), sqlite_runtime.db.writing() as session:
        endpoints.add(
            session, sqlite_runtime.keys, name="x", url="https://example.com", events=["case.opened"], guard=PUBLIC,
            actor=manager, now=sqlite_runtime.clock(),
        )  # fmt: skip


def test_who_did_it_is_written_down(sqlite_runtime: Runtime) -> None:
    add(sqlite_runtime, "https://example.com")
    with sqlite_runtime.db.reading() as session:
        assert "hook.added" in set(session.scalars(select(AuditEntry.action)))


def test_the_log_is_kept_for_a_month(house: Runtime, there: Receiver) -> None:
    add(house, there.url)
    happen(house)
    upkeep.sweep(house, house.clock() + timedelta(days=29))
    assert len(log(house)) == 1
    upkeep.sweep(house, house.clock() + timedelta(days=31))
    assert log(house) == []


def test_what_nobody_works_on_is_shown_as_failed(house: Runtime, there: Receiver) -> None:
    add(house, there.url)
    there.usual = 500
    happen(house)
    upkeep.sweep(house, house.clock() + timedelta(days=2))
    assert log(house)[0].state is HookState.WAITING
    with house.db.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM work")
    upkeep.sweep(house, house.clock() + timedelta(minutes=30))
    assert log(house)[0].state is HookState.WAITING
    upkeep.sweep(house, house.clock() + timedelta(days=2))
    (row,) = log(house)
    assert (row.state, bool(row.error)) == (HookState.FAILED, True)


def test_business_events_reach_the_receiver(house: Runtime, there: Receiver) -> None:
    """A detractor writes: the feedback and its case are told of, with links and without a word of the customer's."""
    import hashlib

    from voc.core.vocabulary import Door, Metric
    from voc.intake.incoming import Incoming
    from voc.security import tokens

    add(house, there.url, tuple(event.value for event in endpoints.EVENTS))
    with house.db.writing() as session:
        token = tokens.add(session, name="shop", scopes=["feedback:write"], now=house.clock())
    with house.db.reading() as session:
        found = tokens.find(session, token)
    assert found is not None
    house.writer.accept(
        Incoming(
            door=Door.API, channel_id=found.channel_id, content_type="application/json", body=b"{}",
            received_at=house.clock(), content_hash=hashlib.sha256(b"{}").digest(), key=None,
            feedback={"text": "Pésimo, soy Ana", "metric": Metric.NPS, "score": 0, "author": None},
        )
    )  # fmt: skip
    worker_of(house)()
    told = {json.loads(found.body)["type"]: json.loads(found.body)["data"] for found in there.posts}
    assert set(told) == {"feedback.stored", "case.opened"}
    assert told["case.opened"]["link"] == f"https://voc.example/cases/{told['case.opened']['id']}"
    assert told["feedback.stored"]["link"] == f"https://voc.example/feedback/{told['feedback.stored']['id']}"
    assert all(b"Ana" not in found.body for found in there.posts)
