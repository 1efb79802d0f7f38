"""The webhook's door in a whole house: what is believed is stored and answered, what is not leaves nothing behind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import worker_of
from voc.app.factory import create_app
from voc.core.settings import Settings
from voc.core.vocabulary import ReceiptState, Stance
from voc.intake.channels import add_channel
from voc.model import Feedback, Receipt
from voc.plugin_host.policy import Policy
from voc.runtime import Runtime
from voc.runtime.instance import open_instance

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four!").decode()


@dataclass
class Doorway:
    """A webhook channel's address, seen from outside."""

    runtime: Runtime
    client: FlaskClient
    path: str

    def post(self, data: Any, *, identity: str = "msg_1", secret: str = SECRET, path: str | None = None) -> Any:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        at = str(int(self.runtime.clock().timestamp()))
        key = base64.b64decode(secret.removeprefix("whsec_"))
        digest = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "webhook-id": identity,
            "webhook-timestamp": at,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
        return self.client.post(path or self.path, data=body, headers=headers, content_type="application/json")

    def all(self, model: Any) -> list[Any]:
        worker_of(self.runtime)()
        with self.runtime.db.reading() as session:
            return list(session.scalars(select(model).order_by(model.id)))


@pytest.fixture
def make(runtime: Runtime) -> Callable[..., Doorway]:
    """Add a webhook channel with these options."""

    def add(**options: Any) -> Doorway:
        with runtime.db.writing() as session:
            channel = add_channel(
                session, runtime.host, keys=runtime.keys, kind="webhook", name="Encuesta", slug="encuesta",
                options=options, now=runtime.clock(),
            )  # fmt: skip
            path = f"/in/{channel.key}"
        return Doorway(runtime, create_app(runtime).test_client(), path)

    return add


def test_a_signed_delivery_becomes_feedback_once(make: Callable[..., Doorway]) -> None:
    door = make(secret=SECRET)
    data = {"id": 7, "text": "El pedido llegó roto", "metric": "nps", "score": 0, "customer": {"name": "Ana"}}
    for _ in range(2):
        assert 200 <= door.post(data).status_code < 300
    (feedback,) = door.all(Feedback)
    assert (feedback.text, feedback.score, feedback.stance) == ("El pedido llegó roto", 0, Stance.DETRACTOR)
    assert feedback.case_id is not None


def test_a_bad_signature_is_401_and_leaves_nothing(make: Callable[..., Doorway]) -> None:
    door = make(secret=SECRET)
    other = "whsec_" + base64.b64encode(b"another").decode()
    answers = [door.post({"text": "x"}, secret=other), door.client.post(door.path, json={"text": "x"})]
    assert {answer.status_code for answer in answers} == {401}
    assert door.all(Receipt) == []
    assert SECRET not in answers[0].text


def test_an_unknown_key_is_404_that_tells_nothing(make: Callable[..., Doorway]) -> None:
    door = make(secret=SECRET)
    answers = [
        door.post({"text": "x"}, path="/in/" + "a" * 32),
        door.post({"text": "x"}, path="/in/x"),
        door.client.get("/in/" + "b" * 32),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].data == answers[1].data
    for word in ("webhook", "channel", "Encuesta", "key"):
        assert word not in answers[0].text
    assert door.all(Receipt) == []


def test_while_its_plugin_is_not_loaded_who_sends_is_asked_to_come_again(make: Callable[..., Doorway]) -> None:
    door = make(secret=SECRET)
    door.runtime.host.apply(Policy(blocked=frozenset({"webhook"})))
    assert door.post({"text": "Malo"}).status_code == 503
    door.runtime.host.apply(Policy())
    assert door.post({"text": "Malo"}).status_code < 300
    assert len(door.all(Receipt)) == 1


def test_a_challenge_is_given_back_and_not_stored(make: Callable[..., Doorway]) -> None:
    door = make(secret=SECRET)
    answer = door.client.get(f"{door.path}?hub.mode=subscribe&hub.challenge=abc123")
    assert (answer.status_code, answer.data) == (200, b"abc123")
    assert answer.content_type.startswith("text/plain")
    assert door.client.get(door.path).status_code == 404
    assert door.all(Receipt) == []


def test_what_cannot_be_read_waits_with_its_reason(make: Callable[..., Doorway]) -> None:
    door = make(secret=SECRET)
    assert door.post({"metric": "nps", "score": 11}).status_code < 300
    (receipt,) = door.all(Receipt)
    assert receipt.state is ReceiptState.QUARANTINED
    assert "nps goes from 0 to 10" in (receipt.reason or "")


def test_two_customers_may_say_the_same(make: Callable[..., Doorway]) -> None:
    door = make(signature="none")
    for _ in range(2):
        assert door.client.post(door.path, json={"text": "Malo"}).status_code < 300
    assert len(door.all(Feedback)) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{" * 5000])
def test_what_is_no_json_object_is_refused(make: Callable[..., Doorway], body: bytes) -> None:
    door = make(secret=SECRET)
    assert door.post(body).status_code == 400
    assert door.all(Receipt) == []


# A channel that does in `accept` what its call says.
NOSY = """\
from voc.plugin import Accepted, Channel, Ignored, NotHere, Reply, hookimpl

class Nosy(Channel):
    kind = "nosy"

    def accept(self, ctx, call):
        try:
            if call.query.get("do") == "http":
                ctx.http.get("http://127.0.0.1:9/")
            if call.query.get("do") == "connect":
                ctx.connect("127.0.0.1", 9)
            if call.query.get("do") == "set":
                ctx.store.set("seen", (ctx.store.get("seen") or 0) + 1)
        except NotHere as error:
            if "loud" in call.query:
                raise
            return Reply(f"NotHere: {error}")
        return Accepted(b"x", "text/plain") if call.method == "POST" else Reply(str(ctx.store.get("seen")))

    def read(self, view, raw):
        yield Ignored("x")

@hookimpl
def voc_channels():
    return [Nosy]
"""


@pytest.fixture
def nosy(settings: Settings, clock: Any) -> Iterator[Doorway]:
    """A house with that channel dropped in."""
    folder = settings.instance / "plugins" / "nosy"
    folder.mkdir(parents=True)
    manifest = 'name = "nosy"\ncontract = 1\nkinds = ["nosy"]\ncapabilities = ["ACCEPT"]\n'
    (folder / "plugin.toml").write_text(manifest, encoding="utf-8")
    (folder / "__init__.py").write_text(NOSY, encoding="utf-8")
    runtime = open_instance(settings, create=False, clock=clock)
    with runtime.db.writing() as session:
        channel = add_channel(
            session, runtime.host, keys=runtime.keys, kind="nosy", name="Curioso", slug="curioso", options={},
            now=runtime.clock(),
        )  # fmt: skip
        path = f"/in/{channel.key}"
    yield Doorway(runtime, create_app(runtime).test_client(), path)
    runtime.close()


@pytest.mark.parametrize("way", ["http", "connect"])
def test_accept_has_no_network(nosy: Doorway, way: str) -> None:
    said = nosy.client.get(f"{nosy.path}?do={way}").text
    assert said.startswith("NotHere: accept has no network")
    assert nosy.client.get(f"{nosy.path}?do={way}&loud=1").status_code == 503


def test_a_get_cannot_write_the_channels_store(nosy: Doorway) -> None:
    assert nosy.client.get(f"{nosy.path}?do=set").text.startswith("NotHere: a GET changes nothing")
    assert nosy.client.head(f"{nosy.path}?do=set&loud=1").status_code == 503
    assert nosy.client.get(nosy.path).text == "None"
    assert nosy.client.post(f"{nosy.path}?do=set").status_code == 204
    assert nosy.client.get(nosy.path).text == "1"
