"""The Mastodon channel answers: as a reply, to no more people than the mention, and once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from voc_plugins.mastodon import MastodonChannel
from voc_plugins.mastodon.sending import length, visibility_of

from tests.doors.contexts import Desk
from tests.doors.mastodon_server import MastodonServer, mastodon_server
from tests.doors.mastodon_world import LIMIT, TOKEN
from voc.plugin import Misconfigured, Outbound, Sent, TryLater, Undeliverable

OWN_ID = "<0199c0de-0000-7000-8000-000000000001@voc.example>"
POST = "POST /api/v1/statuses"


@pytest.fixture
def server() -> Iterator[MastodonServer]:
    with mastodon_server() as running:
        yield running


@pytest.fixture
def desk(server: MastodonServer) -> Iterator[Desk]:
    found = Desk(base_url=server.url, access_token=TOKEN, visibility="same")
    yield found
    found.close()


def answer(status: dict[str, Any], text: str = "Lo sentimos mucho, ya lo vemos.", **changes: Any) -> Outbound:
    target = {
        "status_id": status["id"], "acct": status["account"]["acct"], "visibility": status["visibility"],
        "spoiler_text": status["spoiler_text"],
    }  # fmt: skip
    return Outbound(**{"message_id": OWN_ID, "text": text, "reply_to": target, "language": "es", **changes})


def send(desk: Desk, message: Outbound) -> Sent:
    return MastodonChannel().send(desk.ctx(), message)


def test_the_answer_is_a_reply(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio", spoiler_text="comida", visibility="unlisted")
    sent = send(desk, answer(mention))
    (reply,) = server.world.answers()
    assert reply["id"] == sent.external_id
    assert reply["in_reply_to_id"] == mention["id"]
    assert server.world.sources[reply["id"]] == "@ana@far.example Lo sentimos mucho, ya lo vemos."
    assert (reply["visibility"], reply["language"], reply["spoiler_text"]) == ("unlisted", "es", "comida")
    assert reply["mentions"][0]["acct"] == "ana@far.example"
    assert server.asked(POST)[0].headers["idempotency-key"] == OWN_ID


@pytest.mark.parametrize(
    ("theirs", "wanted", "expected"),
    [
        ("public", "same", "public"), ("public", "unlisted", "unlisted"), ("public", "direct", "direct"),
        ("unlisted", "same", "unlisted"), ("unlisted", "public", "unlisted"), ("direct", "unlisted", "direct"),
        ("private", "same", "direct"), ("private", "unlisted", "direct"), ("odd", "same", "direct"),
        (None, None, "direct"), ("public", None, "public"),
    ],
)  # fmt: skip
def test_never_more_readers_than_the_mention(theirs: Any, wanted: Any, expected: str) -> None:
    assert visibility_of(theirs, {"visibility": wanted}) == expected


@pytest.mark.parametrize("fault", ["lost", "cut"])
def test_a_lost_answer_is_repeated_under_the_same_key(server: MastodonServer, desk: Desk, fault: Any) -> None:
    mention = server.world.mention("frio")
    server.fail(POST, fault)
    with pytest.raises(Exception, match="cannot be reached") as caught:
        send(desk, answer(mention))
    assert not isinstance(caught.value, (TryLater, Undeliverable, Misconfigured))
    sent = send(desk, answer(mention))
    assert [status["id"] for status in server.world.answers()] == [sent.external_id]
    assert [item.headers["idempotency-key"] for item in server.asked(POST)] == [OWN_ID, OWN_ID]
    assert desk.store.values.keys() == {"account"}


def test_a_late_repeat_finds_the_answer_that_is_there(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio")
    server.fail(POST, "lost")
    with pytest.raises(Exception, match="cannot be reached"):
        send(desk, answer(mention))
    for clock in (server.world, desk):
        clock.now += timedelta(hours=5)
    server.world.post("@ana@far.example otra cosa", by="aurora", in_reply_to_id=mention["id"])
    server.world.post("@aurora gracias", by="ana@far.example", in_reply_to_id=mention["id"])
    sent = send(desk, answer(mention))
    assert len(server.asked(POST)) == 1
    assert server.world.sources[sent.external_id].endswith("ya lo vemos.")


def test_a_late_repeat_posts_what_never_arrived(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio")
    server.fail(POST, "html", 503)
    with pytest.raises(Exception, match="503"):
        send(desk, answer(mention))
    desk.now += timedelta(hours=5)
    server.fail(f"GET /api/v1/statuses/{mention['id']}/context", "status", 503)
    with pytest.raises(Exception, match="503"):
        send(desk, answer(mention))
    assert server.world.answers() == []
    send(desk, answer(mention))
    assert len(server.world.answers()) == 1


@pytest.mark.slow
def test_tries_that_never_ended_do_not_fill_the_store(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio")
    server.fail(POST, "status", 500, times=200)
    for number in range(200):
        with pytest.raises(Exception, match="500"):
            send(desk, answer(mention, message_id=f"<{number}@voc.example>"))
        desk.now += timedelta(seconds=1)
    assert len(desk.store.get("tries")) == 50


def test_two_answers_with_the_same_words_are_two(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio")
    first = send(desk, answer(mention))
    second = send(desk, answer(mention, message_id="<2@voc.example>"))
    assert first != second
    assert len(server.world.answers()) == 2


def test_too_long_says_by_how_much_before_sending(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio")
    with pytest.raises(Undeliverable, match=f"at most {LIMIT}; shorten it by 5$"):
        send(desk, answer(mention, "x" * LIMIT))
    assert not server.asked(POST)


def test_the_server_has_the_last_word_on_length(server: MastodonServer, desk: Desk) -> None:
    with pytest.raises(Undeliverable, match="character limit"):
        send(desk, answer(server.world.mention("frio"), "e\u0301" * 300))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0), ("hola", 4), ("año", 3), ("e\u0301", 1), ("👩‍💻", 1), ("👍🏽", 1), ("🇵🇪", 1), ("❤️", 1),
        ("@ana@far.example hola", 9), ("vea https://aurora.example/a/very/long/path?x=1", 27), ("a@b.example", 11),
        ("@ana hola", 9),
    ],
)  # fmt: skip
def test_length_as_servers_count(text: str, expected: int) -> None:
    assert length(text, 23) == expected


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (("status", 401), Misconfigured, "token"),
        (("status", 403), Misconfigured, "scopes"),
        (("html", 403), Misconfigured, "scopes"),
        (("status", 422), Undeliverable, "422"),
        (("status", 413), Undeliverable, "413"),
        (("moved", 0), Misconfigured, "base_url"),
        (("limited", 90), TryLater, "429"),
    ],
)
def test_what_can_be_told_apart(
    server: MastodonServer, desk: Desk, fault: Any, error: type[Exception], words: str
) -> None:
    server.fail(POST, *fault)
    with pytest.raises(error, match=words) as caught:
        send(desk, answer(server.world.mention("frio")))
    assert getattr(caught.value, "after", None) == (90 if error is TryLater else None)
    assert server.world.answers() == []


@pytest.mark.parametrize(
    "fault", [("status", 500), ("html", 502), ("html", 404), ("status", 408), ("nonsense", 0), ("cut", 0)]
)
def test_what_cannot_is_tried_again(server: MastodonServer, desk: Desk, fault: Any) -> None:
    mention = server.world.mention("frio")
    server.fail(POST, *fault)
    with pytest.raises(Exception, match=r"\w") as caught:
        send(desk, answer(mention))
    assert not isinstance(caught.value, (TryLater, Undeliverable, Misconfigured))
    send(desk, answer(mention))
    assert len(server.world.answers()) == 1


def test_the_post_is_gone(server: MastodonServer, desk: Desk) -> None:
    mention = server.world.mention("frio")
    server.world.delete(mention["id"])
    with pytest.raises(Undeliverable, match="gone"):
        send(desk, answer(mention))
    with pytest.raises(Undeliverable, match="which post"):
        send(desk, Outbound(message_id=OWN_ID, text="x", reply_to={}))


def test_nothing_was_sent_when_the_server_does_not_even_say_who_we_are(server: MastodonServer, desk: Desk) -> None:
    server.fail("GET /api/v1/accounts", "status", 500)
    with pytest.raises(TryLater, match="not sent"):
        send(desk, answer(server.world.mention("frio")))


def test_check_says_how_it_is(server: MastodonServer, desk: Desk) -> None:
    channel = MastodonChannel()
    health = channel.check(desk.ctx())
    assert health.state == "ok"
    assert "mastodon.example as @aurora" in health.text
    assert "500 characters" in health.text
    server.scopes = ["read", "profile"]
    assert (channel.check(desk.ctx()).state, "write:statuses" in channel.check(desk.ctx()).text) == ("warning", True)
    server.version = (3, 5, 0)
    server.fail("GET /api/v1/apps", "status", 403, times=9)
    assert channel.check(desk.ctx()).state == "ok"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"access_token": "wrong"}, "access token"),
        ({"access_token": ""}, "access_token"),
        ({"base_url": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"base_url": "gopher://x"}, "base_url"),
    ],
)
def test_check_says_what_is_wrong(desk: Desk, options: dict[str, str], words: str) -> None:
    health = MastodonChannel().check(desk.ctx(**options))
    assert health.state == "failing"
    assert words in health.text
    assert TOKEN not in health.text


def test_check_meets_a_server_in_trouble(server: MastodonServer, desk: Desk) -> None:
    server.fail("GET /api/v1/notifications", "status", 403)
    health = MastodonChannel().check(desk.ctx())
    assert (health.state, "scopes" in health.text) == ("failing", True)
    server.fail("GET /api/v2/instance", "html", 503)
    assert "again" in MastodonChannel().check(desk.ctx()).text
