"""The webhook channel: whom it believes, what it keeps, and what it reads in other people's JSON."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voc_plugins.webhook import LIMIT, WebhookChannel, voc_channels
from voc_plugins.webhook.places import at

from tests.doors.contexts import AT
from voc.plugin import Accepted, Author, Context, Edited, HttpCall, Ignored, Inbound, Raw, Refused, Reply, View

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four!").decode()
BODY = b'{"text": "Malo", "id": "r-1"}'


def options(**given: Any) -> dict[str, Any]:
    """Options as the host hands them over."""
    clean, wrong = WebhookChannel.options.check(given)
    assert wrong == {}
    return clean


def post(body: bytes = BODY, headers: dict[str, str] | None = None, **given: Any) -> Any:
    ctx = Context(options=options(**{"signature": "none", **given}), now=lambda: AT)
    return WebhookChannel().accept(ctx, HttpCall("POST", headers or {}, {}, body))


def get(query: dict[str, str], **given: Any) -> Any:
    return WebhookChannel().accept(Context(options=options(**given)), HttpCall("GET", {}, query, b""))


def signed(body: bytes = BODY, *, when: datetime = AT, secret: str = SECRET, identity: str = "msg_1") -> dict[str, str]:
    """Headers as the Standard Webhooks specification wants them."""
    at = str(int(when.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identity}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": identity, "webhook-timestamp": at, "webhook-signature": signature}


def read(data: Any, *, delivery_id: str | None = None, received: datetime = AT, **given: Any) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    raw = Raw(body, "application/json", received, {}, delivery_id)
    (item,) = WebhookChannel().read(View(options=options(**given)), raw)
    return item


def test_it_registers_one_channel() -> None:
    assert voc_channels() == [WebhookChannel]


def test_a_standard_webhook_is_believed() -> None:
    found = post(headers=signed(), signature="standard-webhooks", secret=SECRET)
    assert found == Accepted(BODY, "application/json", "msg_1")


def test_our_signature_is_that_of_the_specification() -> None:
    library = pytest.importorskip("standardwebhooks")
    theirs = library.Webhook(SECRET).sign("msg_1", AT, BODY.decode())
    assert signed()["webhook-signature"] == theirs


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "no webhook-id"),
        ({**signed(), "webhook-id": "msg_2"}, "another"),
        ({**signed(), "webhook-timestamp": str(int(AT.timestamp()) + 1)}, "another"),
        ({**signed(), "webhook-timestamp": "now"}, "no webhook-id"),
        ({**signed(), "webhook-timestamp": "9" * 4000}, "no webhook-id"),
        ({**signed(), "webhook-signature": "v1,AAAA"}, "another"),
        ({**signed(), "webhook-signature": "v1,ñ"}, "another"),
        ({**signed(), "webhook-signature": ","}, "another"),
        ({**signed(), "webhook-signature": signed()["webhook-signature"].replace("v1", "v1a")}, "another"),
        (signed(BODY + b" "), "another"),
        (signed(secret="whsec_b3RoZXI="), "another"),
        (signed(when=AT - timedelta(seconds=301)), "too long ago"),
        (signed(when=AT + timedelta(seconds=302)), "too long ago"),
    ],
)
def test_a_bad_signature_is_401(headers: dict[str, str], words: str) -> None:
    found = post(headers=headers, signature="standard-webhooks", secret=SECRET)
    assert isinstance(found, Refused)
    assert found.status == 401
    assert words in found.reason
    assert SECRET not in found.reason


def test_one_of_several_signatures_is_enough() -> None:
    headers = signed()
    headers["webhook-signature"] = f"v1,AAAA v1a,BBBB {headers['webhook-signature']}"
    assert isinstance(post(headers=headers, signature="standard-webhooks", secret=SECRET), Accepted)


@pytest.mark.parametrize("scheme", ["standard-webhooks", "hmac-sha256", "word"])
def test_without_a_secret_nothing_is_believed(scheme: str) -> None:
    assert post(headers=signed(), signature=scheme).status == 401
    health = WebhookChannel().check(Context(options=options(signature=scheme)))
    assert (health.state, "no secret" in health.text) == ("failing", True)


@pytest.mark.parametrize("shape", ["{hex}", "sha256={hex}", "{base64}", "sha256={base64}"])
def test_a_signature_of_the_body(shape: str) -> None:
    digest = hmac.new(b"clave", BODY, hashlib.sha256).digest()
    value = shape.format(hex=digest.hex(), base64=base64.b64encode(digest).decode())
    given = {"signature": "hmac-sha256", "secret": "clave"}
    assert isinstance(post(headers={"x-hub-signature-256": value}, **given), Accepted)
    assert isinstance(post(headers={"x-firma": value}, header="X-Firma", **given), Accepted)
    assert post(body=BODY + b" ", headers={"x-hub-signature-256": value}, **given).status == 401
    assert post(headers={"x-hub-signature-256": "0" * 64}, **given).status == 401
    assert post(headers={"x-hub-signature-256": "z" * 64}, **given).status == 401
    assert post(**given).status == 401


def test_a_word_in_a_header() -> None:
    given = {"signature": "word", "secret": "ábrete"}
    assert isinstance(post(headers={"authorization": "Bearer ábrete"}, **given), Accepted)
    assert isinstance(post(headers={"x-key": "ábrete"}, header="x-key", **given), Accepted)
    assert post(headers={"authorization": "Bearer otra"}, **given).status == 401
    assert post(headers={"authorization": "Bearer "}, **given).status == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"text=Malo", 400), (b"\xff\xfe", 400), (b"[]", 400), (b'"x"', 400), (b"[" * 100_000, 400),
        (b'{"text": "' + b"x" * LIMIT + b'"}', 413),
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(body: bytes, status: int) -> None:
    assert post(body).status == status


def test_the_same_post_again_is_the_same_delivery() -> None:
    assert post().delivery_id == post().delivery_id is not None
    assert post(b'{"text": "Peor", "id": "r-1"}').delivery_id != post().delivery_id
    assert post(b'{"text": "Malo"}').delivery_id != post(b'{"text": "Malo"}').delivery_id
    assert len(post(b'{"text": "x", "id": "' + b"9" * 5000 + b'"}').delivery_id) < 200
    assert post(b'{"text": "Malo", "n": 7}', id="/n").delivery_id is not None


def test_challenges_are_given_back() -> None:
    assert get({"challenge": "abc-123"}) == Reply("abc-123")
    assert get({"hub.challenge": "42", "hub.mode": "subscribe", "hub.verify_token": "clave"}, secret="clave") == Reply(
        "42"
    )
    assert get({"hub.challenge": "42", "hub.verify_token": "otra"}, secret="clave").status == 403
    assert post(b'{"type": "url_verification", "challenge": "xyz"}') == Reply("xyz")


@pytest.mark.parametrize(
    "query", [{}, {"challenge": ""}, {"challenge": "x" * 501}, {"challenge": "a\r\nSet-Cookie: b"}]
)
def test_a_look_learns_nothing(query: dict[str, str]) -> None:
    assert get(query).status == 404


def test_the_shape_of_our_own_api_needs_no_options() -> None:
    item = read(
        {
            "id": "r-9", "text": " El pedido llegó tarde ", "metric": "NPS", "score": 0, "language": "es-PE",
            "sent_at": "2026-03-04T10:00:00-05:00", "unit": "Lima", "consent": True, "facts": {"order": 7, "deep": {}},
            "customer": {"name": "Ana", "email": "ana@example.com", "phone": "+51 1"},
        }
    )  # fmt: skip
    assert item == Inbound(
        external_id="r-9", text="El pedido llegó tarde", metric="nps", score=0, language="es",
        sent_at=item.sent_at, author=Author(name="Ana", email="ana@example.com", phone="+51 1"), consent=True,
        facts={"order": 7, "unit": "Lima"},
    )  # fmt: skip
    assert item.sent_at == datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert not item.author.verified


def test_places_of_another_tool() -> None:
    data = {"form_response": {"answers": [{"number": "8"}, {"text": "Bien"}], "token": 55, "at": 1772636400000}}
    item = read(
        data, text="/form_response/answers/1/text", score="/form_response/answers/0/number", metric="nps",
        id="/form_response/token", sent_at="/form_response/at", language="pt", unit="Recife",
    )  # fmt: skip
    assert (item.text, item.metric, item.score, item.external_id) == ("Bien", "nps", 8, "55")
    assert (item.sent_at, item.language, item.facts) == (AT, "pt", {"unit": "Recife"})


def test_pointers() -> None:
    data = {"a/b": {"~": [1, {"": 2}]}}
    assert at(data, "/a~1b/~0/1/") == 2
    assert at(data, "/a~1b/~0/7") is None
    assert at(data, "/a~1b/~0/-1") is None
    assert at(data, "/x/y/z") is None
    assert at("text", "/0") is None


def test_who_is_who_without_an_id() -> None:
    same = {"text": "Malo"}
    assert read(same, delivery_id="msg_1").external_id == read(same, delivery_id="msg_1").external_id
    assert read(same, delivery_id="msg_1").external_id != read(same, delivery_id="msg_2").external_id
    assert read(same).external_id == read(same).external_id
    assert read(same).external_id != read(same, received=AT + timedelta(microseconds=1)).external_id
    assert read({**same, "id": 5}).external_id == "5"


def test_later_words_under_the_same_id() -> None:
    body = json.dumps({"id": 7, "text": "Mejor", "updated_at": "2026-03-04T15:00:00Z"}).encode()
    first, then = WebhookChannel().read(View(options=options()), Raw(body, "application/json", AT))
    assert isinstance(first, Inbound)
    assert then == Edited("7", "Mejor", AT)


def test_only_what_is_feedback() -> None:
    only = "/event=response.completed, response.updated"
    assert isinstance(read({"event": "response.started", "text": "x"}, only=only), Ignored)
    assert isinstance(read({"event": "response.updated", "text": "x"}, only=only), Inbound)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"score": 11, "metric": "nps"}, "score is 11; nps goes from 0 to 10"),
        ({"score": 0, "metric": "csat"}, "csat goes from 1 to 5"),
        ({"score": -1, "metric": "nps"}, "goes from"),
        ({"score": 8.5, "metric": "nps"}, "no whole number"),
        ({"score": "eight", "metric": "nps"}, "'eight', which is no whole number"),
        ({"score": True, "metric": "nps"}, "no whole number"),
        ({"score": [8], "metric": "nps"}, "a list, which is no whole number"),
        ({"score": "9" * 5000, "metric": "nps"}, "no whole number"),
        ({"score": 8}, "no metric"),
        ({"score": 8, "metric": "happiness"}, "metric is 'happiness'"),
        ({"text": 5}, "text is 5, which is no text"),
        ({"text": {"es": "x"}}, "an object, which is no text"),
        ({"text": "x", "sent_at": "yesterday"}, "no time"),
        ({"text": "x", "sent_at": "2026-03-04T15:00:00"}, "no time zone"),
        ({"text": "x", "sent_at": -5}, "no time"),
        ({"text": "x", "sent_at": True}, "no time"),
        ({"text": "x", "customer": {"email": [5]}}, "email is"),
        ({"text": "  "}, "neither text nor score"),
        ({"metric": "nps", "score": None}, "neither text nor score"),
        ({}, "neither text nor score"),
        (b"[1]", "no JSON object"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_what_is_wrong_is_said(data: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        read(data)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("score", "expected"), [(9, 9), (9.0, 9), ("9", 9), (" 10 ", 10), ("0", 0), (0, 0)])
def test_scores_as_tools_write_them(score: Any, expected: int) -> None:
    item = read({"score": score}, metric="nps")
    assert (item.score, item.text) == (expected, None)


def test_facts_are_what_can_be_kept() -> None:
    item = read(b'{"text": "x", "facts": {"a": NaN, "b": Infinity, "c": "d", "e": [1], "f": null, "g": true}}')
    assert item.facts == {"c": "d", "g": True}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": "comment"}, "text must be a place"),
        ({"metric": "happiness"}, "metric must be a place"),
        ({"only": "completed"}, "only must be a place"),
        ({"only": "/event"}, "only must be a place"),
    ],
)
def test_options_that_cannot_be_are_said(given: dict[str, str], words: str) -> None:
    found = options(signature="none", **given)
    health = WebhookChannel().check(Context(options=found))
    assert (health.state, words in health.text) == ("failing", True)
    with pytest.raises(ValueError, match=words):
        read({"text": "x"}, **given)


def test_check_says_how_safe_it_is() -> None:
    def health(**given: Any) -> str:
        return WebhookChannel().check(Context(options=options(**given))).state

    assert health(signature="none") == "warning"
    assert health(secret=SECRET) == "ok"
    assert health(secret="whsec_ñ") == "failing"
    assert health(signature="word", secret="x") == "ok"
